using Ark.Core.Configuration;
using Xunit;

namespace Ark.Tests.Configuration;

public sealed class IsoDurationTests
{
    [Theory]
    [InlineData("PT5M", "00:05:00")]
    [InlineData("PT90S", "00:01:30")]
    [InlineData("PT1H2M3S", "01:02:03")]
    [InlineData("P1D", "1.00:00:00")]
    [InlineData("P1DT12H", "1.12:00:00")]
    [InlineData("P9999DT9999H9999M9999S", "10422.16:25:39")]
    public void A_duration_is_the_sum_of_its_fields(string text, string duration) =>
        Assert.Equal(TimeSpan.Parse(duration), IsoDuration.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("P")]
    [InlineData("PT")]
    [InlineData("P1DT")]
    [InlineData("PT5")]
    [InlineData("PTM")]
    [InlineData("5M")]
    [InlineData("P5M")]
    [InlineData("P1Y")]
    [InlineData("P1W")]
    [InlineData("PT5m")]
    [InlineData("pt5m")]
    [InlineData("PT-5M")]
    [InlineData("PT1.5M")]
    [InlineData("PT1M1H")]
    [InlineData("PT1M1M")]
    [InlineData("PT10000S")]
    [InlineData(" PT5M")]
    [InlineData("PT5M ")]
    [InlineData("PT٥M")]
    public void What_is_no_duration_of_days_and_below_is_refused(string text) => Assert.Null(IsoDuration.Parse(text));
}
