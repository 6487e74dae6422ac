using System;
using System.Collections.Generic;
using System.Text;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>
/// Encodes what follows the header of a DNS message. Names that may be compressed point back at what stands already
/// (RFC 1035, 4.1.4), but only at the very same letters, so that case survives.
/// </summary>
internal sealed class DnsWriter
{
    private const int FarthestTarget = 0x3FFF;

    private readonly List<byte> _bytes = [];
    private readonly Dictionary<string, int> _names = new(StringComparer.Ordinal);

    public int Length => _bytes.Count;

    public byte[] ToArray() => [.. _bytes];

    public void Write8(byte value) => _bytes.Add(value);

    public void Write16(ushort value)
    {
        _bytes.Add((byte)(value >> 8));
        _bytes.Add((byte)value);
    }

    public void Write32(uint value)
    {
        Write16((ushort)(value >> 16));
        Write16((ushort)value);
    }

    public void Write(ReadOnlySpan<byte> bytes) => _bytes.AddRange(bytes);

    /// <summary>A length of one byte and as many bytes as it can count.</summary>
    public void WriteText(ReadOnlySpan<byte> text)
    {
        text = text[..Math.Min(text.Length, byte.MaxValue)];
        _bytes.Add((byte)text.Length);
        _bytes.AddRange(text);
    }

    public void Patch16(int at, int value)
    {
        _bytes[at] = (byte)(value >> 8);
        _bytes[at + 1] = (byte)value;
    }

    public void WriteName(DnsName name, bool compress = true)
    {
        ReadOnlySpan<byte> rest = name.Wire;
        while (rest[0] != 0)
        {
            string key = Encoding.Latin1.GetString(rest);
            if (compress && _names.TryGetValue(key, out int target))
            {
                Write16((ushort)(0xC000 | target));
                return;
            }

            int place = DnsView.HeaderLength + Length;
            if (place <= FarthestTarget)
            {
                _ = _names.TryAdd(key, place);
            }

            Write(rest[..(1 + rest[0])]);
            rest = rest[(1 + rest[0])..];
        }

        Write8(0);
    }
}
