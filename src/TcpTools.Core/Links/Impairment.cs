using System;
using System.Globalization;

namespace TcpTools.Links;

/// <summary>What is to happen to one frame that a <see cref="FrameRule"/> has looked at.</summary>
public enum FrameFate
{
    /// <summary>What the probabilities say.</summary>
    ByChance,

    /// <summary>It passes, delayed as all are, with no misfortune of its own.</summary>
    Pass,

    /// <summary>It is lost.</summary>
    Drop,

    /// <summary>It arrives twice.</summary>
    Duplicate,

    /// <summary>It arrives with bits flipped.</summary>
    Corrupt,

    /// <summary>It is held back so that later frames overtake it.</summary>
    HoldBack,
}

/// <summary>Decides about single frames, before chance does.</summary>
/// <param name="number">Which frame of its direction this is, counted from 1 since the link was made.</param>
/// <param name="frame">The complete packet as it is on the wire.</param>
public delegate FrameFate FrameRule(long number, ReadOnlySpan<byte> frame);

/// <summary>What a network does to the packets of one direction. Without anything set it does nothing.</summary>
public sealed record Impairment
{
    /// <summary>A network that does nothing to packets.</summary>
    public static Impairment None { get; } = new();

    /// <summary>The probability, 0 to 1, that a packet is lost.</summary>
    public double Loss { get; init; }

    /// <summary>The probability, 0 to 1, that a packet arrives twice.</summary>
    public double Duplicate { get; init; }

    /// <summary>The probability, 0 to 1, that a packet arrives with <see cref="CorruptBits"/> bits flipped.</summary>
    public double Corrupt { get; init; }

    /// <summary>How many bits, anywhere in the packet, corruption flips. One is found by any checksum.</summary>
    public int CorruptBits { get; init; } = 1;

    /// <summary>The probability, 0 to 1, that a packet is held back for <see cref="ReorderDelay"/>.</summary>
    public double Reorder { get; init; }

    /// <summary>How much longer than the others a packet takes that is held back.</summary>
    public TimeSpan ReorderDelay { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>How long every packet takes.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>
    /// The longest additional time, of which each packet takes a random part. Packets still arrive in order: one that is
    /// slow holds up those behind it.
    /// </summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>Bits a second that pass; 0 for no limit.</summary>
    public long Rate { get; init; }

    /// <summary>Bytes that wait for <see cref="Rate"/> at most; a packet that finds no room is lost.</summary>
    public int RateQueueBytes { get; init; } = 256 * 1024;

    /// <summary>The largest IP packet, in bytes, that passes; larger ones vanish without a word. 0 for no limit.</summary>
    public int Mtu { get; init; }

    /// <summary>Decides about single frames; null for chance alone.</summary>
    public FrameRule? Rule { get; init; }

    /// <summary>How many packets are held at most, delayed ones and waiting ones together; further ones are lost.</summary>
    public int HoldLimit { get; init; } = 32768;

    /// <summary>Loses the frames with these numbers (from 1); all others are left alone.</summary>
    public static FrameRule DropNumbers(params long[] numbers) =>
        (number, _) => Array.IndexOf(numbers, number) >= 0 ? FrameFate.Drop : FrameFate.ByChance;

    /// <summary>Rejects values that mean nothing.</summary>
    /// <exception cref="StackException">A probability is not within 0 to 1, or a time, rate or limit is negative.</exception>
    public void Validate()
    {
        CheckProbability(Loss, nameof(Loss));
        CheckProbability(Duplicate, nameof(Duplicate));
        CheckProbability(Corrupt, nameof(Corrupt));
        CheckProbability(Reorder, nameof(Reorder));
        if (Delay < TimeSpan.Zero || Jitter < TimeSpan.Zero || ReorderDelay < TimeSpan.Zero)
        {
            throw new StackException(StackError.InvalidArgument, "A delay cannot be negative.");
        }

        if (Rate < 0 || RateQueueBytes < 0 || Mtu < 0 || HoldLimit < 1 || CorruptBits < 1)
        {
            throw new StackException(
                StackError.InvalidArgument, "A rate, a queue and an MTU cannot be negative, and limits are at least 1.");
        }
    }

    private static void CheckProbability(double value, string name)
    {
        if (!(value >= 0 && value <= 1))
        {
            throw new StackException(
                StackError.InvalidArgument,
                string.Create(CultureInfo.InvariantCulture, $"{name} is {value}, but a probability is 0 to 1."),
                "For 2 percent write 0.02.");
        }
    }
}
