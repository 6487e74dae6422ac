using TcpTools.Wire;

namespace TcpTools.Tcp;

/// <summary>Linux's layout: MSS, SACK-permitted in the place of two NOPs before the timestamps, then the window scale.</summary>
public sealed class LinuxOptionLayout : ITcpOptionLayout
{
    /// <summary>The layout.</summary>
    public static LinuxOptionLayout Instance { get; } = new();

    /// <inheritdoc/>
    public string Name => "linux";

    /// <inheritdoc/>
    public void Write(ref TcpOptionWriter writer, in TcpOptionContent content)
    {
        if (!content.IsSyn)
        {
            EstablishedOptions.Write(ref writer, content);
            return;
        }

        writer.AddMaximumSegmentSize(content.MaximumSegmentSize);
        if (content.HasTimestamps)
        {
            // SACK-permitted takes the place of the two NOPs that align the timestamps.
            if (content.SackPermitted)
            {
                writer.AddSackPermitted();
            }
            else
            {
                writer.AddNop();
                writer.AddNop();
            }

            writer.AddTimestamps(content.TimestampValue, content.TimestampEcho);
        }
        else if (content.SackPermitted)
        {
            writer.AddNop();
            writer.AddNop();
            writer.AddSackPermitted();
        }

        if (content.WindowScale is { } scale)
        {
            writer.AddNop();
            writer.AddWindowScale(scale);
        }
    }
}

/// <summary>FreeBSD's layout: MSS, window scale, SACK-permitted, timestamps, an end marker.</summary>
public sealed class FreeBSDOptionLayout : ITcpOptionLayout
{
    /// <summary>The layout.</summary>
    public static FreeBSDOptionLayout Instance { get; } = new();

    /// <inheritdoc/>
    public string Name => "freebsd";

    /// <inheritdoc/>
    public void Write(ref TcpOptionWriter writer, in TcpOptionContent content)
    {
        if (!content.IsSyn)
        {
            EstablishedOptions.Write(ref writer, content);
            return;
        }

        writer.AddMaximumSegmentSize(content.MaximumSegmentSize);
        if (content.WindowScale is { } scale)
        {
            writer.AddNop();
            writer.AddWindowScale(scale);
        }

        if (content.SackPermitted)
        {
            writer.AddSackPermitted();
        }

        if (content.HasTimestamps)
        {
            while (writer.Length % 4 != 2)
            {
                writer.AddNop();
            }

            writer.AddTimestamps(content.TimestampValue, content.TimestampEcho);
        }
    }
}

/// <summary>What all systems do behind the handshake: timestamps, then SACK blocks, both aligned (RFC 7323, appendix A).</summary>
internal static class EstablishedOptions
{
    public static void Write(ref TcpOptionWriter writer, in TcpOptionContent content)
    {
        if (content.HasTimestamps)
        {
            writer.AddNop();
            writer.AddNop();
            writer.AddTimestamps(content.TimestampValue, content.TimestampEcho);
        }

        if (!content.SackBlocks.IsEmpty)
        {
            writer.AddNop();
            writer.AddNop();
            writer.AddSack(content.SackBlocks);
        }
    }
}
