using Ark.Wire;
using Xunit;

namespace Ark.Tests.Wire;

public sealed class SecretTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4096)]
    [InlineData(4097)]
    [InlineData(65_536)]
    public void A_rented_one_has_the_length_that_was_asked_for_and_holds_zeros(int length)
    {
        using (Secret first = Secret.Rent(length))
        {
            first.Span.Fill(7);
        }

        using Secret second = Secret.Rent(length);
        Assert.Equal(length, second.Span.Length);
        Assert.True(second.Span.IndexOfAnyExcept((byte)0) < 0);
    }

    [Theory]
    [InlineData(2500)]
    [InlineData(5000)]
    public void A_rented_one_is_wiped_when_it_is_given_back_and_cannot_be_read_any_more(int length)
    {
        Secret buffer = Secret.Rent(length);
        Span<byte> memory = buffer.Span;
        memory.Fill(7);
        buffer.Dispose();

        Assert.True(memory.IndexOf((byte)7) < 0);
        Assert.True(buffer.Span.IsEmpty);
        Assert.Equal($"{length} bytes", buffer.ToString());
    }

    [Fact]
    public void Once_wiped_it_has_no_bytes_and_no_copies_and_a_copy_made_before_lives_on()
    {
        var secret = new Secret("SENTINEL"u8);
        ReadOnlySpan<byte> memory = secret.Bytes;
        using Secret copy = secret.Copy()!;
        secret.Dispose();

        Assert.Equal(new byte[8], memory.ToArray());
        Assert.True(secret.Bytes.IsEmpty);
        Assert.Null(secret.Copy());
        Assert.Equal("SENTINEL"u8, copy.Bytes);
    }

    /// <summary>Memory of a secret that others may still be reading is never lent to anybody else.</summary>
    [Fact]
    public void What_was_not_rented_is_not_lent()
    {
        var secret = new Secret(new byte[4096]);
        ReadOnlySpan<byte> memory = secret.Bytes;
        secret.Dispose();

        Secret[] lent = [.. Enumerable.Range(0, 100).Select(_ => Secret.RentCopy("SENTINEL"u8))];

        Assert.False(memory.ContainsAnyExcept((byte)0));
        Array.ForEach(lent, one => one.Dispose());
    }

    [Fact]
    public void One_given_back_twice_is_lent_to_one_only()
    {
        Secret buffer = Secret.Rent(10);
        buffer.Dispose();
        buffer.Dispose();

        Secret[] lent = [.. Enumerable.Range(1, 100).Select(i => Secret.RentCopy([(byte)i]))];

        Assert.Equal(Enumerable.Range(1, 100), lent.Select(one => (int)one.Span[0]));
        Array.ForEach(lent, one => one.Dispose());
    }

    [Fact]
    public void On_many_threads_no_two_have_the_same_memory() =>
        Parallel.For(0, 100_000, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            using Secret buffer = Secret.RentCopy(BitConverter.GetBytes(i));
            Thread.Yield();
            Assert.Equal(i, BitConverter.ToInt32(buffer.Span));
        });
}
