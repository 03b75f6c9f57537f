# How each client does what the table of scripts/clients has: NAME_version, NAME_login, NAME_pull, NAME_push, NAME_logout. A pull prints the
# digest of what it got. One that a client cannot do returns 99. Sourced, never run.
# shellcheck shell=bash disable=SC2154

# A line that becomes a footnote of the table.
note() { printf 'note: %s\n' "$1"; }

cannot() {
    note "$1"
    return 99
}

# --- docker with an engine of its own: $engine is the release that it comes from ---

docker_version() { docker version --format 'docker {{.Client.Version}}, engine {{.Server.Version}}'; }
docker_login() { docker login "$host"; }
docker_pull() { docker rmi --force "$image" >/dev/null 2>&1 || true; docker pull "$image"; }
docker_push() { docker pull "$image" && docker tag "$image" "$copy" && docker push "$copy"; }
docker_logout() { docker logout "$host"; }

compose_version() { docker compose version; }
compose_login() { cannot "has no such command"; }
compose_pull() {
    docker rmi --force "$image" >/dev/null 2>&1 || true
    printf 'services: { app: { image: "%s" } }\n' "$image" >"$HOME/compose.yaml" &&
        docker compose --file "$HOME/compose.yaml" pull && docker image inspect --format '{{ .Id }} {{ .RepoDigests }}' "$image"
}
compose_push() {
    docker pull "$image" && docker tag "$image" "$copy" || return
    printf 'services: { app: { image: "%s", build: . } }\n' "$copy" >"$HOME/compose.yaml"
    docker compose --file "$HOME/compose.yaml" push
}
compose_logout() { cannot "has no such command"; }

# docker's builder before buildx, which asks for every host of its file.
classic_version() { printf "docker's classic builder %s\n" "$(docker version --format '{{.Client.Version}}')"; }
classic_login() { cannot "has no such command"; }
classic_pull() {
    docker rmi --force "$image" >/dev/null 2>&1 || true
    printf 'FROM %s\n' "$image" >"$HOME/Dockerfile" && DOCKER_BUILDKIT=0 docker build --no-cache --pull "$HOME"
}
classic_push() { cannot "pushes nothing by itself"; }
classic_logout() { cannot "has no such command"; }

buildx_version() { docker buildx version | awk '{ print "buildx", $2 }'; }
buildx_login() { cannot "has no such command"; }
buildx_pull() { printf 'FROM %s\n' "$image" >"$HOME/Dockerfile" && docker buildx build --no-cache --pull --progress plain "$HOME"; }
buildx_push() { buildx_pull && docker buildx build --push --tag "$copy" --progress plain "$HOME"; }
buildx_logout() { cannot "has no such command"; }

docker_py_version() { python3 -c 'import docker; print("docker-py", docker.__version__)'; }
docker_py_login() { cannot "takes no password from a helper"; }
docker_py_pull() {
    docker rmi --force "$image" >/dev/null 2>&1 || true
    python3 -c 'import docker, sys; print(docker.from_env().images.pull(sys.argv[1]).attrs)' "$image"
}
docker_py_push() {
    python3 - "$image" "${copy%:*}" "${copy##*:}" <<'PYTHON'
import docker, sys
client = docker.from_env()
client.images.pull(sys.argv[1]).tag(sys.argv[2], sys.argv[3])
for line in client.images.push(sys.argv[2], sys.argv[3], stream=True, decode=True):
    if "error" in line:
        sys.exit(line["error"])
PYTHON
}
docker_py_logout() { cannot "has no such command"; }

# --- clients that need no engine ---

skopeo_version() { skopeo --version; }
skopeo_login() { ark token "$host" | skopeo login --username AWS --password-stdin "$host"; }
skopeo_pull() { skopeo inspect "docker://$image"; }
skopeo_push() { skopeo copy "docker://$image" "docker://$copy"; }
skopeo_logout() { skopeo logout "$host"; }

own_podman() { podman --root "$HOME/storage" --runroot "$HOME/run-storage" --storage-driver vfs "$@"; }
podman_version() { podman --version; }
podman_login() { ark token "$host" | own_podman login --username AWS --password-stdin "$host"; }
podman_pull() { own_podman pull "$image" && own_podman image inspect --format '{{ .Id }}' "$image"; }
podman_push() { own_podman pull "$image" && own_podman push "$image" "$copy"; }
podman_logout() { own_podman logout "$host"; }

own_buildah() { buildah --root "$HOME/storage" --runroot "$HOME/run-storage" --storage-driver vfs "$@"; }
buildah_version() { buildah --version | cut -d ' ' -f 1-3; }
buildah_login() { ark token "$host" | own_buildah login --username AWS --password-stdin "$host"; }
buildah_pull() { own_buildah pull --policy always "$image"; }
buildah_push() { own_buildah pull "$image" && own_buildah push "$image" "docker://$copy"; }
buildah_logout() { own_buildah logout "$host"; }

crane_version() { printf 'crane %s\n' "$(dpkg_version_of sid crane)"; }
crane_login() { ark token "$host" | crane auth login --username AWS --password-stdin "$host"; }
crane_pull() { crane pull "$image" "$HOME/image.tar" && tar -xOf "$HOME/image.tar" manifest.json; }
crane_push() { crane copy "$image" "$copy"; }
crane_logout() { crane auth logout "$host"; }

oras_version() { printf 'oras %s\n' "$(oras version | sed -n 's/^Version: *//p')"; }
oras_login() { ark token "$host" | oras login --username AWS --password-stdin "$host"; }
oras_pull() { oras manifest fetch "$image"; }
oras_push() { (cd "$HOME" && echo text >text && oras push "$copy" text); }
oras_logout() { oras logout "$host"; }

cosign_version() { printf 'cosign %s\n' "$(dpkg_version_of sid cosign)"; }
cosign_login() { ark token "$host" | cosign login --username AWS --password-stdin "$host"; }
cosign_pull() { rm -rf "$HOME/image" && cosign save --dir "$HOME/image" "$image" && cat "$HOME/image/index.json"; }
cosign_push() { cosign copy "$image" "$copy"; }
cosign_logout() { cannot "has no such command"; }

dpkg_version_of() { dpkg-deb -f "$(compgen -G "$artifacts/tools/$1/archives/$2_*.deb" | head -n 1)" Version; }

dotnet_version() { printf '.NET SDK %s\n' "$(dotnet --version)"; }
dotnet_login() { cannot "has no such command"; }
dotnet_pull() { dotnet_publish "${copy%:*}" "${copy##*:}"; }
dotnet_push() { dotnet_pull; }
dotnet_logout() { cannot "has no such command"; }

# A program of one line, published as an image whose base is the image of the registry.
dotnet_publish() {
    mkdir -p "$HOME/app"
    echo 'return 0;' >"$HOME/app/app.cs"
    cat >"$HOME/app/app.csproj" <<PROJECT
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net10.0</TargetFramework>
    <UseAppHost>false</UseAppHost>
    <ContainerBaseImage>$image</ContainerBaseImage>
    <ContainerRegistry>$host</ContainerRegistry>
    <ContainerRepository>${1#"$host"/}</ContainerRepository>
    <ContainerImageTag>$2</ContainerImageTag>
  </PropertyGroup>
</Project>
PROJECT
    dotnet publish "$HOME/app" /t:PublishContainer --os linux --arch x64 --self-contained false -nologo -p:NuGetAudit=false
}
