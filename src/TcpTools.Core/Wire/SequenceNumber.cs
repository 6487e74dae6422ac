using System.Globalization;

namespace TcpTools.Wire;

/// <summary>
/// A TCP sequence number: arithmetic and order are modulo 2^32 (RFC 9293, 3.4). Order is defined between numbers less
/// than 2^31 apart, which every live connection keeps. It is deliberately not <see cref="System.IComparable"/>: an
/// order that wraps cannot sort.
/// </summary>
/// <param name="Value">The 32 bits as they stand in a header.</param>
public readonly record struct SequenceNumber(uint Value)
{
    /// <summary>The number <paramref name="count"/> further on; negative goes back.</summary>
    public static SequenceNumber operator +(SequenceNumber number, int count) => new(number.Value + (uint)count);

    /// <summary>The number <paramref name="count"/> further on.</summary>
    public static SequenceNumber operator +(SequenceNumber number, uint count) => new(number.Value + count);

    /// <summary>The number <paramref name="count"/> before.</summary>
    public static SequenceNumber operator -(SequenceNumber number, int count) => new(number.Value - (uint)count);

    /// <summary>The signed distance from <paramref name="b"/> to <paramref name="a"/>: positive when a comes later.</summary>
    public static int operator -(SequenceNumber a, SequenceNumber b) => (int)(a.Value - b.Value);

    /// <summary>Whether <paramref name="a"/> comes before <paramref name="b"/>.</summary>
    public static bool operator <(SequenceNumber a, SequenceNumber b) => (int)(a.Value - b.Value) < 0;

    /// <summary>Whether <paramref name="a"/> comes after <paramref name="b"/>.</summary>
    public static bool operator >(SequenceNumber a, SequenceNumber b) => (int)(a.Value - b.Value) > 0;

    /// <summary>Whether <paramref name="a"/> does not come after <paramref name="b"/>.</summary>
    public static bool operator <=(SequenceNumber a, SequenceNumber b) => (int)(a.Value - b.Value) <= 0;

    /// <summary>Whether <paramref name="a"/> does not come before <paramref name="b"/>.</summary>
    public static bool operator >=(SequenceNumber a, SequenceNumber b) => (int)(a.Value - b.Value) >= 0;

    /// <summary>The number that comes later.</summary>
    public static SequenceNumber Later(SequenceNumber a, SequenceNumber b) => a > b ? a : b;

    /// <summary>The number that comes earlier.</summary>
    public static SequenceNumber Earlier(SequenceNumber a, SequenceNumber b) => a < b ? a : b;

    /// <summary>
    /// Whether this lies in the <paramref name="length"/> numbers that start at <paramref name="start"/>. Unlike two
    /// comparisons it is right for windows of any size up to 2^32 - 1.
    /// </summary>
    public bool IsIn(SequenceNumber start, uint length) => Value - start.Value < length;

    /// <inheritdoc cref="op_Addition(SequenceNumber, int)"/>
    public SequenceNumber Add(int count) => this + count;

    /// <inheritdoc cref="op_Subtraction(SequenceNumber, SequenceNumber)"/>
    public int Subtract(SequenceNumber other) => this - other;

    /// <summary>The number in decimal, absolute.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
