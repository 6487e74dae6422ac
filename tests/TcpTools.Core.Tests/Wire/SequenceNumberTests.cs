using FsCheck;
using FsCheck.Fluent;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Wire;

public class SequenceNumberTests
{
    [Theory]
    [InlineData(0u, 1u)]
    [InlineData(0xFFFFFFFFu, 0u)]
    [InlineData(0xFFFFFFFEu, 5u)]
    [InlineData(0x7FFFFFFFu, 0x80000000u)]
    [InlineData(0x80000000u, 0xFFFFFFFFu)]
    public void The_smaller_number_modulo_2_to_32_comes_first(uint earlier, uint later)
    {
        SequenceNumber a = new(earlier);
        SequenceNumber b = new(later);
        Assert.True(a < b && a <= b && b > a && b >= a);
        Assert.False(a > b || a >= b || b < a || b <= a);
        Assert.Equal(b, SequenceNumber.Later(a, b));
        Assert.Equal(b, SequenceNumber.Later(b, a));
        Assert.Equal(a, SequenceNumber.Earlier(a, b));
        Assert.Equal(a, SequenceNumber.Earlier(b, a));
    }

    [Fact]
    public void Going_on_and_back_are_inverse() => Prop.ForAll<uint, int>((value, count) =>
        new SequenceNumber(value) + count - count == new SequenceNumber(value)
        && new SequenceNumber(value) - count + count == new SequenceNumber(value)).QuickCheckThrowOnFailure();

    [Fact]
    public void Distance_is_what_was_added_across_the_wrap() => Prop.ForAll<uint, int>((value, count) =>
    {
        SequenceNumber start = new(uint.MaxValue - (value % 1000));
        return start + count - start == count && (start + count).Subtract(start) == count;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Order_does_not_depend_on_where_the_space_starts() => Prop.ForAll<uint, int, int>((shift, x, y) =>
    {
        int a = x / 4;
        int b = y / 4;
        SequenceNumber left = new SequenceNumber(shift) + a;
        SequenceNumber right = new SequenceNumber(shift) + b;
        return left < right == a < b && left <= right == a <= b && left > right == a > b && left >= right == a >= b
            && (left == right) == (a == b);
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(0xFFFFFFF0u, 0x20u, 0xFFFFFFEFu, false)]
    [InlineData(0xFFFFFFF0u, 0x20u, 0xFFFFFFF0u, true)]
    [InlineData(0xFFFFFFF0u, 0x20u, 0x0000000Fu, true)]
    [InlineData(0xFFFFFFF0u, 0x20u, 0x00000010u, false)]
    [InlineData(5u, 0u, 5u, false)]
    [InlineData(10u, 0xFFFFFFFFu, 9u, false)]
    [InlineData(10u, 0xFFFFFFFFu, 8u, true)]
    public void A_window_holds_its_first_number_and_not_the_one_after_its_last(uint start, uint length, uint number, bool inside) =>
        Assert.Equal(inside, new SequenceNumber(number).IsIn(new(start), length));
}
