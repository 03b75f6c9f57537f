using Ark.Files;
using Xunit;

namespace Ark.Tests.Files;

/// <summary>What is decided about access lists; reading them is Windows' own affair.</summary>
public sealed class AccessListTests
{
    private const string Me = "S-1-5-21-1-2-3-1001", Other = "S-1-5-21-1-2-3-1002";
    private const string Users = "S-1-5-32-545", System = "S-1-5-18", Administrators = "S-1-5-32-544";
    private const int Read = 0x12_0089, Modify = 0x13_01BF, Full = 0x1F_01FF, AddFolders = 0x4;

    [Theory]
    [InlineData(Me)]
    [InlineData(System)]
    [InlineData(Administrators)]
    public void A_file_of_mine_or_the_systems_that_nobody_else_can_change_has_no_fault(string owner) =>
        Assert.Null(Judge(owner, (Me, Full), (System, Full), (Administrators, Full), (Users, Read)));

    [Fact]
    public void A_file_of_another_user_is_refused() => Assert.Equal("belongs to another user", Judge(Other, (Me, Full))?.What);

    [Theory]
    [InlineData(Users, Modify)]
    [InlineData(Other, Full)]
    [InlineData("S-1-1-0", 0x2)]
    [InlineData("S-1-1-0", 0x4_0000)]
    [InlineData("S-1-1-0", 0x4000_0000)]
    [InlineData("S-1-1-0", 0x1000_0000)]
    public void A_file_that_somebody_else_can_change_is_refused_by_that_name(string sid, int rights) =>
        Assert.Equal($"can be changed by others ({sid})", Judge(Me, (Me, Full), (sid, rights))?.What);

    [Fact]
    public void In_a_folder_others_may_add_what_they_like_and_exchange_nothing()
    {
        Assert.Null(new AccessList(System, [(Users, AddFolders | Read)]).Judge(@"C:\", Me, isDirectory: true));
        Assert.NotNull(new AccessList(System, [(Users, 0x40)]).Judge(@"C:\", Me, isDirectory: true));
    }

    private static FileFault? Judge(string owner, params (string, int)[] allowed) =>
        new AccessList(owner, allowed).Judge(@"C:\file", Me, isDirectory: false);
}
