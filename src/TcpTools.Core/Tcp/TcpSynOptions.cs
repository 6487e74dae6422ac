using System;
using TcpTools.Wire;

namespace TcpTools.Tcp;

/// <summary>
/// The options of a SYN or SYN-ACK. Their order and padding are no matter of the protocol but of each system's habit,
/// which fingerprints read: see <see cref="TcpProfile"/>.
/// </summary>
internal readonly struct TcpSynOptions
{
    /// <summary>Bytes that all of them take at most.</summary>
    public const int MaximumLength = 40;

    /// <summary>RFC 9293, 3.7.1.</summary>
    public ushort MaximumSegmentSize { get; init; }

    /// <summary>RFC 7323, 2.2; null to leave it out.</summary>
    public byte? WindowScale { get; init; }

    /// <summary>RFC 2018, 2.</summary>
    public bool SackPermitted { get; init; }

    /// <summary>RFC 7323, 3.2: TSval and TSecr; null to leave it out.</summary>
    public (uint Value, uint Echo)? Timestamps { get; init; }

    /// <summary>Writes the options in a system's order.</summary>
    /// <returns>Bytes written, a multiple of 4.</returns>
    public static int Write(Span<byte> destination, TcpProfile profile, in TcpSynOptions options)
    {
        TcpOptionWriter writer = new(destination);
        writer.AddMaximumSegmentSize(options.MaximumSegmentSize);
        if (profile == TcpProfile.FreeBSD)
        {
            WriteFreeBSD(ref writer, options);
        }
        else
        {
            WriteLinux(ref writer, options);
        }

        return writer.Length;
    }

    private static void WriteLinux(ref TcpOptionWriter writer, in TcpSynOptions options)
    {
        if (options.Timestamps is { } timestamps)
        {
            // SACK-permitted takes the place of the two NOPs that align the timestamps.
            if (options.SackPermitted)
            {
                writer.AddSackPermitted();
            }
            else
            {
                writer.AddNop();
                writer.AddNop();
            }

            writer.AddTimestamps(timestamps.Value, timestamps.Echo);
        }
        else if (options.SackPermitted)
        {
            writer.AddNop();
            writer.AddNop();
            writer.AddSackPermitted();
        }

        if (options.WindowScale is { } scale)
        {
            writer.AddNop();
            writer.AddWindowScale(scale);
        }
    }

    private static void WriteFreeBSD(ref TcpOptionWriter writer, in TcpSynOptions options)
    {
        if (options.WindowScale is { } scale)
        {
            writer.AddNop();
            writer.AddWindowScale(scale);
        }

        if (options.SackPermitted)
        {
            writer.AddSackPermitted();
        }

        if (options.Timestamps is { } timestamps)
        {
            while (writer.Length % 4 != 2)
            {
                writer.AddNop();
            }

            writer.AddTimestamps(timestamps.Value, timestamps.Echo);
        }

        while (writer.Length % 4 != 0)
        {
            writer.AddEnd();
        }
    }
}
