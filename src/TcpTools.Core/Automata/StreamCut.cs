using System;
using System.Text;

namespace TcpTools.Automata;

/// <summary>How one message is cut from the beginning of a stream's data.</summary>
public sealed class StreamCut
{
    private readonly Func<ReadOnlyMemory<byte>, (int Length, int End)> _measure;

    private StreamCut(string name, bool isText, Func<ReadOnlyMemory<byte>, (int Length, int End)> measure)
    {
        Name = name;
        IsText = isText;
        _measure = measure;
    }

    /// <summary>Whatever there is.</summary>
    public static StreamCut Available { get; } = new("available", false, static data => (data.Length, 0));

    /// <summary>A line of text, without its end (LF or CR LF).</summary>
    public static StreamCut Line { get; } = new("line", true, static data =>
    {
        int at = data.Span.IndexOf((byte)'\n');
        return at < 0 ? (0, 0) : (at + 1, at > 0 && data.Span[at - 1] == '\r' ? 2 : 1);
    });

    /// <summary>What it cuts, in a word.</summary>
    public string Name { get; }

    /// <summary>Whether messages are text.</summary>
    public bool IsText { get; }

    /// <summary>Exactly so many bytes.</summary>
    public static StreamCut Count(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        return new StreamCut(FormattableString.Invariant($"{count} bytes"), false, data => (data.Length >= count ? count : 0, 0));
    }

    /// <summary>Everything through a mark, the mark included.</summary>
    public static StreamCut Through(ReadOnlyMemory<byte> mark)
    {
        if (mark.IsEmpty)
        {
            throw new ArgumentException("A mark has at least one byte.", nameof(mark));
        }

        return new StreamCut("mark", false, data =>
        {
            int at = data.Span.IndexOf(mark.Span);
            return (at < 0 ? 0 : at + mark.Length, 0);
        });
    }

    /// <summary>By a function that tells how long the message at the beginning is; 0 where it is not all there yet.</summary>
    public static StreamCut By(Func<ReadOnlyMemory<byte>, int> measure)
    {
        ArgumentNullException.ThrowIfNull(measure);
        return new StreamCut("message", false, data => (Math.Clamp(measure(data), 0, data.Length), 0));
    }

    /// <summary>The message at the beginning, as bytes or text, and how long it is; false when it is not all there yet.</summary>
    internal bool TryCut(ReadOnlyMemory<byte> data, out object? message, out int length)
    {
        (length, int end) = data.IsEmpty ? (0, 0) : _measure(data);
        message = length == 0
            ? null
            : IsText ? Encoding.UTF8.GetString(data.Span[..(length - end)]) : data[..(length - end)].ToArray();
        return length > 0;
    }
}
