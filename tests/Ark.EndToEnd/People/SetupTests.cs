using System.Runtime.Versioning;
using System.Text.Json;
using Xunit;

namespace Ark.EndToEnd.People;

/// <summary><c>ark setup</c> for one organization, and in the place of docker's store: what docker then gets, and the way back.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class SetupTests
{
    private const string Store = "docker-credential-fakestore", StoreFile = ".fakestore";
    private const string Saved = """{"ServerURL":"ghcr.io","Username":"me","Secret":"SENTINEL-ghcr ü"}""";
    private const string OtherSaved = """{ "ServerURL": "https://index.docker.io/v1/", "Username": "<token>", "Secret": "SENTINEL-hub" }""";
    private const string DockerConfig = "{\n  \"auths\": {\n    \"ghcr.io\": {}\n  },\n  \"credsStore\": \"fakestore\"\n}";

    /// <summary>Keeps docker's JSON in a file, one a line, and is locked for one server.</summary>
    private const string StoreScript = """
        #!/bin/sh
        file=$HOME/.fakestore
        server() { sed 's/^ *{ *"ServerURL": *"\([^"]*\)".*/\1/'; }
        case $1 in
        get)
            wanted=$(cat)
            case $wanted in locked*) echo "the collection is locked"; echo "fakestore: cannot open a prompt" >&2; exit 1 ;; esac
            while IFS= read -r line; do
                if [ "$(printf '%s\n' "$line" | server)" = "$wanted" ]; then printf '%s\n' "$line"; exit 0; fi
            done <"$file"
            echo "credentials not found in native keychain"
            exit 1 ;;
        store)
            line=$(cat)
            case $line in *locked*) echo "the collection is locked" ; exit 1 ;; esac
            printf '%s\n' "$line" >>"$file" ;;
        erase)
            wanted=$(cat)
            case $wanted in locked*) echo "the collection is locked"; echo "fakestore: cannot open a prompt" >&2; exit 1 ;; esac
            while IFS= read -r line; do
                [ "$(printf '%s\n' "$line" | server)" = "$wanted" ] || printf '%s\n' "$line"
            done <"$file" >"$file.new"
            mv "$file.new" "$file" ;;
        list)
            printf '{'
            separator=
            while IFS= read -r line; do
                printf '%s"%s":"somebody"' "$separator" "$(printf '%s\n' "$line" | server)"
                separator=', '
            done <"$file"
            echo '}' ;;
        esac

        """;

    [Fact]
    public async Task A_host_is_given_to_one_organization_and_back()
    {
        await using var user = await PeopleFixture.StartAsync();
        user.Home.WriteDockerConfig("{\n  \"credsStore\": \"secretservice\"\n}");
        await user.Gets("ark org list");
        var before = user.Everything();

        var setup = await user.Types($"ark setup --organization beta --host {PeopleFixture.Host} --yes");

        Assert.True(setup.ExitCode == 0, $"{setup}");
        using (var config = JsonDocument.Parse(await File.ReadAllTextAsync(user.Home.DockerConfigFile)))
        {
            Assert.Equal("ark-beta", config.RootElement.GetProperty("credHelpers").GetProperty(PeopleFixture.Host).GetString());
        }

        Assert.Equal("docker-credential-ark", new FileInfo(Path.Combine(user.Bin, "docker-credential-ark-beta")).LinkTarget);
        Assert.Equal((await GetAs(user, "docker-credential-ark-beta")).Secret, user.TokenOf("beta").Password);
        var overridden = await user.Types("ARK_ORGANIZATION=acme docker-credential-ark-beta get", PeopleFixture.Host);
        Assert.Contains(user.TokenOf("acme").Password, overridden.OutputText, StringComparison.Ordinal);
        Assert.Equal("ark: note: ARK_ORGANIZATION chooses acme, not docker-credential-ark-beta as docker's file says\n", overridden.ErrorText);
        Assert.Equal((await GetAs(user, "docker-credential-ark")).Secret, user.TokenOf("acme").Password);
        Assert.StartsWith("nothing to do: ", await user.Gets($"ark setup -o {PeopleFixture.Beta} --host {PeopleFixture.Host} --yes"), StringComparison.Ordinal);

        Assert.Contains("docker-credential-ark-beta is removed\n", await user.Gets("ark setup --undo"), StringComparison.Ordinal);
        Assert.Equal(before, user.Everything());
    }

    [Fact]
    public async Task In_the_place_of_a_store_its_hosts_are_answered_as_by_itself_and_undo_gives_it_back()
    {
        await using var user = await StartWithStoreAsync();
        File.Delete(user.Home.ConfigurationFile);
        user.Home.Variables["AWS_PROFILE"] = "work";
        await user.Gets("ark org list");
        var before = user.Everything();

        var setup = await user.Types("ark setup --creds-store --yes");

        Assert.True(setup.ExitCode == 0, $"{setup}");
        Assert.Equal(DockerConfig.Replace("fakestore", "ark", StringComparison.Ordinal), await File.ReadAllTextAsync(user.Home.DockerConfigFile));
        foreach (var (verb, input) in ((string, string)[])[
            ("get", "ghcr.io"), ("get", "https://index.docker.io/v1/"), ("get", "quay.io"), ("get", "ghcr.io\n"), ("get", "locked.example.com"), ("get", "not a host"),
            ("store", """{"ServerURL":"quay.io","Username":"you","Secret":"SENTINEL-quay"}"""),
            ("store", """{"ServerURL":"locked.example.com","Username":"you","Secret":"SENTINEL-locked"}"""),
            ("list", "unused"), ("list", ""),
            ("get", "quay.io"), ("erase", "ghcr.io"), ("get", "ghcr.io"), ("erase", "ghcr.io"), ("erase", "locked.example.com"), ("list", "unused")])
        {
            await AssertSame(user, verb, input);
        }

        // What is ECR's is ours.
        var (_, password) = await GetAs(user, "docker-credential-ark");
        Assert.Equal(password, Assert.Single(user.Aws.Issued).Password);
        using (var list = JsonDocument.Parse(await user.Gets("docker-credential-ark list")))
        {
            Assert.Equal(["https://index.docker.io/v1/", "quay.io", PeopleFixture.Host], list.RootElement.EnumerateObject().Select(entry => entry.Name));
        }

        Assert.Equal("", await user.Gets("docker-credential-ark store", $$"""{"ServerURL":"{{PeopleFixture.Host}}","Username":"AWS","Secret":"{{password}}"}"""));
        Assert.Equal("", await user.Gets("docker-credential-ark erase", PeopleFixture.Host));
        user.HoldNoPassword(setup.OutputText, setup.ErrorText);

        var undo = await user.Gets("ark setup --undo");
        Assert.Contains($"{user.Home.DockerConfigFile} is as it was before setup\n", undo, StringComparison.Ordinal);
        Assert.Contains($"{user.Home.ConfigurationFile} is removed\n", undo, StringComparison.Ordinal);
        user.Home.Write(StoreFile, $"{Saved}\n{OtherSaved}\n");
        Assert.Equal(before, user.Everything());
    }

    [Fact]
    public async Task Beside_organizations_the_store_keeps_its_hosts_and_the_map_comes_back_as_it_was()
    {
        await using var user = await StartWithStoreAsync();
        await user.Gets("ark org list");
        var before = user.Everything();

        Assert.Equal(0, (await user.Types("ark setup --creds-store --yes")).ExitCode);

        await AssertSame(user, "get", "ghcr.io");
        Assert.Equal((await GetAs(user, "docker-credential-ark")).Secret, user.TokenOf("acme").Password);
        using (var list = JsonDocument.Parse(await user.Gets("docker-credential-ark list")))
        {
            Assert.Equal(["ghcr.io=somebody", "https://index.docker.io/v1/=somebody", $"{PeopleFixture.Host}=AWS"], list.RootElement.EnumerateObject().Select(entry => $"{entry.Name}={entry.Value}"));
        }

        Assert.Contains($"{user.Home.ConfigurationFile} is without its fallbackHelper\n", await user.Gets("ark setup --undo"), StringComparison.Ordinal);
        Assert.Equal(before, user.Everything());
    }

    [Fact]
    public async Task A_store_that_is_on_nobodys_PATH_but_the_users_is_found()
    {
        await using var user = await StartWithStoreAsync("tools");
        user.Home.Variables["PATH"] = $"{user.Home.Home}/tools:{user.Home.Variables["PATH"]}";
        Assert.Equal(0, (await user.Types("ark setup --creds-store --yes")).ExitCode);

        Assert.Equal($"{Saved}\n", await user.Gets("docker-credential-ark get", "ghcr.io"));
    }

    [Fact]
    public async Task A_login_is_removed_from_the_store_though_no_daemon_runs()
    {
        await using var user = await StartWithStoreAsync();
        Assert.Equal(0, (await user.Types("ark setup --creds-store --yes")).ExitCode);
        await user.Types("ark daemon stop");

        Assert.Equal("", await user.Gets("docker-credential-ark erase", "ghcr.io"));

        Assert.Equal($"{OtherSaved}\n", await File.ReadAllTextAsync(Path.Combine(user.Home.Home, StoreFile)));
    }

    private static async Task<PeopleFixture> StartWithStoreAsync(string place = ".local/bin")
    {
        var user = await PeopleFixture.StartAsync();
        user.Home.WriteScript(Path.Combine(place, Store), StoreScript);
        user.Home.Write(StoreFile, $"{Saved}\n{OtherSaved}\n");
        user.Home.WriteDockerConfig(DockerConfig);
        return user;
    }

    /// <summary>The store asked by itself and the store asked through ark say and do the same, to the byte.</summary>
    private static async Task AssertSame(PeopleFixture user, string verb, string input)
    {
        var file = Path.Combine(user.Home.Home, StoreFile);
        var kept = await File.ReadAllTextAsync(file);
        var direct = await user.Types($"{Store} {verb}", input);
        var keptDirect = await File.ReadAllTextAsync(file);
        user.Home.Write(StoreFile, kept);
        var relayed = await user.Types($"docker-credential-ark {verb}", input);
        Assert.Equal((verb, input, $"{direct}", keptDirect), (verb, input, $"{relayed}", await File.ReadAllTextAsync(file)));
        Assert.Equal(direct.Output, relayed.Output);
        Assert.Equal(direct.Error, relayed.Error);
    }

    private static async Task<(string Username, string Secret)> GetAs(PeopleFixture user, string helper)
    {
        using var answer = JsonDocument.Parse(await user.Gets($"{helper} get", PeopleFixture.Host));
        return (answer.RootElement.GetProperty("Username").GetString()!, answer.RootElement.GetProperty("Secret").GetString()!);
    }
}
