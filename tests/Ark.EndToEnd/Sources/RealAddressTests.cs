using System.Runtime.Versioning;
using Ark.Testing;
using Xunit;

namespace Ark.EndToEnd.Sources;

/// <summary>
/// The addresses at which AWS itself has metadata endpoints, in a network namespace that has nothing else: what the published executables
/// do on an instance, in a container and on a machine that is neither.
/// </summary>
[UnsupportedOSPlatform("windows")]
public sealed class RealAddressTests
{
    private const string Script = """
        set -u
        ip link set lo up && ip addr add 169.254.169.254/32 dev lo && ip addr add 169.254.170.2/32 dev lo || exit 77
        ip -6 addr add fd00:ec2::254/128 dev lo nodad 2>/dev/null || true
        get() {
            name=$1; shift
            began=$(date +%s%N)
            printf 999999999999.dkr.ecr.us-east-1.amazonaws.com | env "$@" "$HELPER" get >"$HOME/out" 2>"$HOME/err"
            rc=$?
            echo "took $name: $(( ($(date +%s%N) - began) / 1000000 )) ms" >&2
            code=$(sed -n 's/^ark: code: //p' "$HOME/err")
            if [ $rc = 0 ] && grep -q '"Username":"AWS"' "$HOME/out"; then code=served; fi
            if grep -q SENTINEL "$HOME/err"; then code="a secret in an error"; fi
            echo "$name: $code"
        }
        get 'nobody' A=
        get 'nobody again' A=
        get 'disabled' AWS_EC2_METADATA_DISABLED=True
        "$ARK" daemon stop >/dev/null
        sleep 1000 | "$DOTNET" "$STANDIN" --directory "$HOME" --machine yes >"$HOME/standin" 2>&1 &
        for look in $(seq 600); do grep -q READY=1 "$HOME/standin" && break; sleep 0.05; done
        eval "export AWS_ENDPOINT_URL_ECR=$(sed -n 's/^AWS_ENDPOINT_URL=//p' "$HOME/standin")"
        get 'instance' A=
        get 'container by its path' AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/v1/credentials?task=1
        get 'container by its address' AWS_CONTAINER_CREDENTIALS_FULL_URI=http://169.254.170.2/v1/credentials?task=1
        get 'another machine' AWS_CONTAINER_CREDENTIALS_FULL_URI=http://169.254.170.3/v1/credentials
        if ip -6 addr show dev lo | grep -q fd00:ec2::254; then get 'instance by IPv6' AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE=ipv6; fi
        "$ARK" daemon stop >/dev/null
        kill $(jobs -p) 2>/dev/null
        pkill -P $$ 2>/dev/null
        true
        """;

    [Fact]
    public async Task Instances_containers_and_other_machines_are_told_apart_at_the_real_addresses()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "network namespaces are Linux's");
        Assert.SkipUnless(File.Exists(Programs.Daemon), $"not published: {Programs.PublishDirectory} (run scripts/publish)");
        string standIn = Path.GetFullPath(Path.Combine(
            AppContext.BaseDirectory, "..", "..", "Ark.StandIn", Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')), "Ark.StandIn.dll"));
        Assert.True(File.Exists(standIn), $"not built: {standIn}");
        using var home = new TemporaryHome();
        home.Variables.Remove("AWS_EC2_METADATA_DISABLED");
        home.Variables["PATH"] = "/usr/sbin:/sbin:/usr/bin:/bin";
        home.Variables["HELPER"] = Programs.Helper;
        home.Variables["ARK"] = Programs.Ark;
        home.Variables["STANDIN"] = standIn;
        home.Variables["DOTNET"] = Environment.ProcessPath!;
        string[] own = Environment.IsPrivilegedProcess ? ["--net"] : ["--user", "--map-root-user", "--net"];
        ProgramResult possible = await home.RunAsync("unshare", [.. own, "sh", "-c", "ip link set lo up"]);
        Assert.SkipUnless(possible.ExitCode == 0, $"no network namespace with iproute2 can be had here: {possible.ErrorText.Trim()}");

        ProgramResult result = await home.RunAsync("unshare", [.. own, "bash", "-c", Script]);

        TestContext.Current.TestOutputHelper?.WriteLine(result.ErrorText);
        Assert.Equal(
            [
                "nobody: no-credentials", "nobody again: no-credentials", "disabled: no-credentials", "instance: served",
                "container by its path: served", "container by its address: served", "another machine: bad-setting",
            ],
            result.OutputText.TrimEnd().Split('\n').Where(line => !line.EndsWith("IPv6: served", StringComparison.Ordinal)));
    }
}
