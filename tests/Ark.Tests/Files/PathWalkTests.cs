using Ark.Files;
using Ark.Wire;
using Xunit;

namespace Ark.Tests.Files;

/// <summary>The rules of the walk, on a file system that is a table: so every owner can be tried, whoever runs the tests.</summary>
public sealed class PathWalkTests
{
    private const uint Root = 0, Me = 1000, Other = 1001;

    private readonly Dictionary<string, (FileFacts Facts, string? Target)> _files = [];

    public PathWalkTests()
    {
        Directory("/", Root);
        Directory("/home", Root);
        Directory("/home/me", Me, 0x1C0 /* 0700 */);
        Directory("/home/me/.aws", Me);
        Directory("/tmp", Root, 0x3FF /* 1777 */);
    }

    [Fact]
    public void A_file_of_mine_in_my_home_has_no_fault()
    {
        File("/home/me/.aws/config", Me);

        Assert.Equal(("/home/me/.aws/config", null), Walk("/home/me//.aws/./config"));
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/home")]
    [InlineData("/home/me")]
    [InlineData("/home/me/.aws")]
    [InlineData("/home/me/.aws/config")]
    public void Every_component_counts_whoever_owns_it_and_whoever_can_write_it(string component)
    {
        File("/home/me/.aws/config", Me);
        (FileFacts sound, string? target) = _files[component];

        _files[component] = (sound with { Identity = sound.Identity with { Owner = Other } }, target);
        Assert.Equal($"{component} belongs to another user", Walk("/home/me/.aws/config").Fault);

        foreach (int loose in (int[])[0x10 /* group */, 0x02 /* others */])
        {
            _files[component] = (sound with { Identity = sound.Identity with { Mode = sound.Identity.Mode | loose } }, target);
            Assert.StartsWith($"{component} can be written by others (mode ", Walk("/home/me/.aws/config").Fault, StringComparison.Ordinal);
        }

        _files[component] = (sound with { Identity = sound.Identity with { Owner = Root } }, target);
        Assert.Null(Walk("/home/me/.aws/config").Fault);
    }

    [Fact]
    public void A_link_in_the_middle_of_the_path_lets_nobody_exchange_the_file()
    {
        Directory("/data", Other);
        Directory("/data/aws", Me);
        File("/data/aws/config", Me);
        Link("/home/me/link", Me, "/data/aws");

        Assert.Equal(("/data/aws/config", "/data belongs to another user"), Walk("/home/me/link/config"));
    }

    [Fact]
    public void The_owner_of_each_link_on_the_way_counts()
    {
        File("/home/me/.aws/config", Me);
        Link("/tmp/mine", Me, "../home/me/.aws");
        Link("/tmp/others", Other, "/home/me/.aws");

        Assert.Equal(("/home/me/.aws/config", null), Walk("/tmp/mine/config"));
        Assert.Equal(("/home/me/.aws/config", "/tmp/others belongs to another user"), Walk("/tmp/others/config"));
    }

    [Fact]
    public void In_a_sticky_folder_only_what_is_mine_or_roots_is_trusted()
    {
        File("/tmp/mine", Me);
        File("/tmp/others", Other);
        Directory("/tmp/directory", Other);
        File("/tmp/directory/mine", Me);

        Assert.Null(Walk("/tmp/mine").Fault);
        Assert.Equal("/tmp/others belongs to another user", Walk("/tmp/others").Fault);
        Assert.Equal("/tmp/directory belongs to another user", Walk("/tmp/directory/mine").Fault);
    }

    [Fact]
    public void A_directory_in_which_others_can_make_files_is_not_trusted_sticky_or_not()
    {
        Assert.Null(Along("/home/me/.aws").DirectoryFault);
        Assert.Equal("/tmp can be written by others (mode 1777)", Along("/tmp").DirectoryFault?.Message);
    }

    [Fact]
    public void What_is_missing_is_told_with_the_place_where_it_would_be()
    {
        Link("/home/me/link", Me, "gone/away");

        Assert.Equal(
            ("/home/me/gone/away/config", false), (Along("/home/me/link/config").Path, Along("/home/me/link/config").File is not null));
    }

    [Fact]
    public void Links_that_go_round_in_circles_end()
    {
        Link("/home/me/one", Me, "two");
        Link("/home/me/two", Me, "one");

        Assert.Throws<IOException>(() => Along("/home/me/one"));
    }

    [Fact]
    public void The_way_back_leads_to_where_a_directory_really_is()
    {
        Directory("/data", Root);
        Directory("/data/deep", Root);
        File("/data/config", Me);
        Link("/home/me/link", Me, "/data/deep");

        Assert.Equal(("/data/config", null), Walk("/home/me/link/../config"));
        Assert.Equal(("/home", null), Walk("/../../home"));
    }

    [Fact]
    public void The_command_that_repairs_it_is_one_word_whatever_the_path_is_called()
    {
        Directory("/home/me/$(reboot) 'x'", Me, 0x1FF /* 0777 */);

        Assert.Equal(@"close it with: chmod go-w '/home/me/$(reboot) '\''x'\'''", Along("/home/me/$(reboot) 'x'").Fault?.Repair);
    }

    [Theory]
    [InlineData(0x2000)]
    [InlineData(0x6000)]
    [InlineData(0x1000)]
    [InlineData(0xC000)]
    public void Nobody_is_told_to_close_a_device_or_a_pipe_which_the_whole_system_uses(int kind)
    {
        Add("/home/me/null", Root, kind | 0x1B6 /* 0666 */, null);

        FileFault? fault = Along("/home/me/null").Fault;

        Assert.Equal(("/home/me/null is not an ordinary file", "name an ordinary file"), (fault?.Message, fault?.Repair));
    }

    private PathWalk Along(string path) => PathWalk.Along(
        path,
        Me,
        name => _files.TryGetValue(name, out (FileFacts Facts, string?) found) ? found.Facts : null,
        name => _files[name].Target!);

    private (string Path, string? Fault) Walk(string path) => Along(path) is var walk ? (walk.Path, walk.Fault?.Message) : default;

    private void Directory(string path, uint owner, int mode = 0x1ED /* 0755 */) => Add(path, owner, 0x4000 | mode, null);

    private void File(string path, uint owner) => Add(path, owner, 0x8000 | 0x180 /* 0600 */, null);

    private void Link(string path, uint owner, string target) => Add(path, owner, 0xA000 | 0x1FF, target);

    private void Add(string path, uint owner, int mode, string? target) =>
        _files[path] = (new FileFacts(new FileIdentity(1, (ulong)_files.Count, owner, mode), owner, 0, 0, 0), target);
}
