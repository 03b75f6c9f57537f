using Ark.Core.Tokens;
using Xunit;

namespace Ark.Tests.Tokens;

public sealed class SecretBufferTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4096)]
    [InlineData(4097)]
    [InlineData(65_536)]
    public void A_buffer_has_the_length_that_was_asked_for_and_is_empty(int length)
    {
        using (SecretBuffer first = SecretBuffer.Rent(length))
        {
            first.Span.Fill(7);
        }

        using SecretBuffer second = SecretBuffer.Rent(length);
        Assert.Equal(length, second.Span.Length);
        Assert.True(second.Span.IndexOfAnyExcept((byte)0) < 0);
    }

    [Theory]
    [InlineData(2500)]
    [InlineData(5000)]
    public void Its_secret_is_wiped_when_it_is_given_back_and_cannot_be_read_through_it(int length)
    {
        SecretBuffer buffer = SecretBuffer.Rent(length);
        Span<byte> memory = buffer.Span;
        memory.Fill(7);
        buffer.Dispose();

        Assert.True(memory.IndexOf((byte)7) < 0);
        Assert.True(buffer.Span.IsEmpty);
        Assert.Equal($"{length} bytes", buffer.ToString());
    }

    [Fact]
    public void One_given_back_twice_is_lent_to_one_only()
    {
        SecretBuffer buffer = SecretBuffer.Rent(10);
        buffer.Dispose();
        buffer.Dispose();

        SecretBuffer[] lent = [.. Enumerable.Range(1, 100).Select(i => SecretBuffer.CopyOf([(byte)i]))];

        Assert.Equal(Enumerable.Range(1, 100), lent.Select(one => (int)one.Span[0]));
        Array.ForEach(lent, one => one.Dispose());
    }

    [Fact]
    public void On_many_threads_no_two_have_the_same_memory() =>
        Parallel.For(0, 100_000, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            using SecretBuffer buffer = SecretBuffer.CopyOf(BitConverter.GetBytes(i));
            Thread.Yield();
            Assert.Equal(i, BitConverter.ToInt32(buffer.Span));
        });
}
