using System;
using System.Globalization;
using System.Text;
using TcpTools.Wire;

namespace TcpTools.Stack;

/// <summary>TCP options as people read them in traces.</summary>
internal static class TcpOptionText
{
    /// <summary>The options in the manner of tcpdump; padding is left out, what is malformed is named so.</summary>
    public static string Describe(ReadOnlySpan<byte> options)
    {
        if (options.IsEmpty)
        {
            return "";
        }

        StringBuilder text = new();
        Span<SackBlock> blocks = stackalloc SackBlock[4];
        TcpOptionReader reader = new(options);
        while (reader.MoveNext())
        {
            if (reader.Kind is TcpOptionKind.End or TcpOptionKind.NoOperation)
            {
                continue;
            }

            if (text.Length > 0)
            {
                text.Append(',');
            }

            if (reader.TryReadMaximumSegmentSize(out ushort mss))
            {
                text.Append(CultureInfo.InvariantCulture, $"mss {mss}");
            }
            else if (reader.TryReadWindowScale(out byte shift))
            {
                text.Append(CultureInfo.InvariantCulture, $"wscale {shift}");
            }
            else if (reader.TryReadTimestamps(out uint value, out uint echo))
            {
                text.Append(CultureInfo.InvariantCulture, $"TS val {value} ecr {echo}");
            }
            else if (reader.Kind == TcpOptionKind.SackPermitted && reader.HasPlausibleLength)
            {
                text.Append("sackOK");
            }
            else if (reader.ReadSack(blocks) is int count and > 0)
            {
                text.Append("sack");
                foreach (SackBlock block in blocks[..count])
                {
                    text.Append(CultureInfo.InvariantCulture, $" {{{block.Left}:{block.Right}}}");
                }
            }
            else
            {
                text.Append(CultureInfo.InvariantCulture, $"kind {reader.Kind} 0x{Convert.ToHexString(reader.Data)}");
            }
        }

        if (reader.IsMalformed)
        {
            text.Append(text.Length > 0 ? ",malformed" : "malformed");
        }

        return text.ToString();
    }
}
