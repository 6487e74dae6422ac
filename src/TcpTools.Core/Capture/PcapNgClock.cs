using System;

namespace TcpTools.Capture;

/// <summary>How an interface of a pcapng file counts time (if_tsresol, if_tsoffset).</summary>
/// <param name="Resolution">
/// The units of a second: 10 to the power of this number, or 2 to the power of its lower 7 bits when the highest is set.
/// </param>
/// <param name="OffsetSeconds">Seconds to add.</param>
internal readonly record struct PcapNgClock(byte Resolution, long OffsetSeconds)
{
    private const long NanosecondsPerSecond = 1_000_000_000;
    private const int NanosecondDigits = 9;

    /// <summary>What holds for an interface that says nothing.</summary>
    internal static PcapNgClock Microseconds => new(6, 0);

    /// <summary>The time that a count stands for; what captures of real time never reach is cut to the nearest that can be said.</summary>
    internal CaptureTime ToTime(ulong count)
    {
        int power = Resolution & 0x7F;
        UInt128 time;
        if ((Resolution & 0x80) != 0)
        {
            time = ((UInt128)count * NanosecondsPerSecond) >> power;
        }
        else if (power > NanosecondDigits)
        {
            time = power - NanosecondDigits > 19 ? 0 : (UInt128)count / PowerOfTen(power - NanosecondDigits);
        }
        else
        {
            time = (UInt128)count * PowerOfTen(NanosecondDigits - power);
        }

        Int128 total = (Int128)time + ((Int128)OffsetSeconds * NanosecondsPerSecond);
        return new CaptureTime((long)Int128.Clamp(total, 0, long.MaxValue));
    }

    private static ulong PowerOfTen(int exponent)
    {
        ulong result = 1;
        for (int i = 0; i < exponent; i++)
        {
            result *= 10;
        }

        return result;
    }
}
