using System;
using System.Text;

namespace TcpTools.Capture;

/// <summary>Walks over the options at the end of a pcapng block; a list that is cut or malformed just ends.</summary>
internal ref struct PcapNgOptions(CaptureInput input, ReadOnlySpan<byte> options)
{
    private ReadOnlySpan<byte> _rest = options;

    public int Code { get; private set; }

    public ReadOnlySpan<byte> Value { get; private set; }

    public readonly string Text => Encoding.UTF8.GetString(Value.TrimEnd((byte)0));

    /// <summary>The value as a 64-bit count; null when it has another size.</summary>
    public readonly long? Count => Value.Length == 8 ? (long)Math.Min(input.UInt64(Value), long.MaxValue) : null;

    public bool MoveNext()
    {
        if (_rest.Length < 4)
        {
            return false;
        }

        Code = input.UInt16(_rest);
        int length = input.UInt16(_rest[2..]);
        if (Code == PcapNgFacts.EndOfOptions || length > _rest.Length - 4)
        {
            return false;
        }

        Value = _rest.Slice(4, length);
        _rest = _rest[Math.Min(4 + ((length + 3) & ~3), _rest.Length)..];
        return true;
    }

    /// <summary>This comment behind those before it.</summary>
    public readonly string Join(string? comments) => comments is null ? Text : comments + "\n" + Text;
}
