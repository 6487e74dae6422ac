using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>
/// Takes the description of a layer, of an option or of anything else that consists of fields. Places are counted from the
/// start of what is described. Bits that are not there are left out; bits that nobody claims become a field of their own,
/// so that every description covers all bytes.
/// </summary>
internal sealed class FieldSink
{
    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly int _start;
    private readonly string _path;
    private readonly List<PacketField> _fields = [];

    /// <summary>A sink for what lies in these bytes, which start at a byte of the packet.</summary>
    public FieldSink(ReadOnlyMemory<byte> bytes, int start, string path)
    {
        _bytes = bytes;
        _start = start;
        _path = path;
    }

    /// <summary>The bytes that are described.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.Span;

    /// <summary>The fields told so far, filled up with what nobody has claimed.</summary>
    public List<PacketField> Finish()
    {
        int at = 0;
        List<(int Start, int End)> gaps = [];
        // By leaves: a layer's trailer lies behind all that is inside of the layer, outside of the layer's own bits.
        foreach (PacketField field in _fields.SelectMany(field => field.Leaves()).OrderBy(field => field.BitOffset))
        {
            int start = field.BitOffset - (_start * 8);
            if (start > at)
            {
                gaps.Add((at, start));
            }

            at = Math.Max(at, start + field.BitLength);
        }

        if (at < _bytes.Length * 8)
        {
            gaps.Add((at, _bytes.Length * 8));
        }

        foreach ((int start, int end) in gaps)
        {
            Fill(start, end);
        }

        return _fields;
    }

    /// <summary>An unsigned number of up to 64 bits.</summary>
    /// <param name="name">The name of the property.</param>
    /// <param name="bit">Where it starts, in bits.</param>
    /// <param name="bits">How many bits it has.</param>
    /// <param name="style">How it is written.</param>
    /// <param name="isSet">Whether a field that could be computed was set; null when it cannot be computed.</param>
    /// <param name="meaning">What a value stands for; null where it is just a number.</param>
    /// <param name="scale">What one unit of the bits counts, such as 4 bytes.</param>
    public void Number(
        string name,
        int bit,
        int bits,
        FieldStyle style = FieldStyle.Decimal,
        bool? isSet = null,
        Func<ulong, string?>? meaning = null,
        int scale = 1)
    {
        ulong raw = FieldBits.Read(Bytes, bit, bits);
        object value = scale != 1
            ? (int)raw * scale
            : bits switch { 1 => raw != 0, <= 8 => (byte)raw, <= 16 => (ushort)raw, <= 32 => (uint)raw, _ => (object)raw };
        string text = (style, bits) switch
        {
            (FieldStyle.Hex, _) => string.Create(CultureInfo.InvariantCulture, $"0x{raw.ToString($"x{(bits + 3) / 4}", CultureInfo.InvariantCulture)}"),
            (_, 1) => raw != 0 ? "yes" : "no",
            _ => string.Create(CultureInfo.InvariantCulture, $"{(scale == 1 ? raw : raw * (ulong)scale)}"),
        };
        string? about = meaning?.Invoke(raw);
        Add(name, bit, bits, value, about is null ? text : $"{text} ({about})", isSet);
    }

    /// <summary>One bit.</summary>
    public void Flag(string name, int bit) => Number(name, bit, 1);

    /// <summary>Bits that have an object of their own as their value.</summary>
    public void Value(string name, int bit, int bits, object? value, string text, bool? isSet = null) =>
        Add(name, bit, bits, value, text, isSet);

    /// <summary>An IP address of 4 or 16 bytes.</summary>
    public void Address(string name, int offset, int length)
    {
        Span<byte> bytes = stackalloc byte[length];
        WireField.Cut(Bytes, offset, offset + length).CopyTo(bytes);
        NetworkAddress address = NetworkAddress.FromBytes(bytes);
        Add(name, offset * 8, length * 8, address, address.ToString());
    }

    /// <summary>An Ethernet address.</summary>
    public void Mac(string name, int offset)
    {
        Span<byte> bytes = stackalloc byte[MacAddress.Length];
        WireField.Cut(Bytes, offset, offset + MacAddress.Length).CopyTo(bytes);
        MacAddress address = MacAddress.FromBytes(bytes);
        Add(name, offset * 8, MacAddress.Length * 8, address, address.ToString());
    }

    /// <summary>Bytes without structure.</summary>
    /// <param name="name">The name of the property.</param>
    /// <param name="offset">The byte where they start.</param>
    /// <param name="length">How many; all that are left when it is not given.</param>
    public void Data(string name, int offset, int length = int.MaxValue)
    {
        ReadOnlySpan<byte> data = WireField.Cut(Bytes, offset, (int)Math.Min((long)offset + length, _bytes.Length));
        Add(name, offset * 8, data.Length * 8, data.ToArray(), FieldText.OfData(data));
    }

    /// <summary>Something that has fields itself.</summary>
    public void Group(string name, int offset, int length, object? value, string text, Action<FieldSink> describe)
    {
        int end = (int)Math.Min((long)offset + length, _bytes.Length);
        if (offset < end)
        {
            FieldSink inner = new(_bytes[offset..end], _start + offset, PathOf(name));
            describe(inner);
            Add(name, offset * 8, (end - offset) * 8, value, text, null, inner.Finish());
        }
    }

    /// <summary>A packet inside a message, from a byte on; its layers with their trailers cover all of its bytes.</summary>
    public void Packet(string name, int offset, Packet? packet)
    {
        if (packet is not null && offset < _bytes.Length)
        {
            int end = Math.Min(offset + packet.GetLength(), _bytes.Length);
            List<PacketField> layers = PacketFieldTree.Describe(packet, _bytes[offset..end], _start + offset, PathOf(name) + ".");
            Add(name, offset * 8, (end - offset) * 8, packet, packet.ToString(), null, layers);
        }
    }

    /// <summary>The options of a header, each with its exact bytes, and the filling behind them.</summary>
    public void Options<T>(string name, int offset, IReadOnlyList<T> options, Func<T, byte[]> getBytes, Action<T, FieldSink> describe)
        where T : notnull
    {
        // An end of the list that nothing follows is the same as filling, which is what it is read from.
        int count = options.Count;
        while (count > 0 && getBytes(options[count - 1]) is [0])
        {
            count--;
        }

        for (int i = 0; i < count; i++)
        {
            T option = options[i];
            int length = getBytes(option).Length;
            Group(string.Create(CultureInfo.InvariantCulture, $"{name}[{i}]"), offset, length, option, option.ToString() ?? "", sink => describe(option, sink));
            offset += length;
        }

        if (offset < _bytes.Length)
        {
            Data("Padding", offset);
        }
    }

    private void Fill(int start, int end)
    {
        int whole = Math.Min((start + 7) / 8 * 8, end);
        int tail = Math.Max(end / 8 * 8, whole);
        Number("Unnamed", start, whole - start, FieldStyle.Hex);
        Data("Rest", whole / 8, (tail - whole) / 8);
        Number("Unnamed", tail, end - tail, FieldStyle.Hex);
    }

    private string PathOf(string name) => _path.Length == 0 ? name : $"{_path}.{name}";

    private void Add(string name, int bit, int bits, object? value, string text, bool? isSet = null, List<PacketField>? fields = null)
    {
        int end = (int)Math.Min((long)bit + bits, _bytes.Length * 8L);
        if (bit < end)
        {
            _fields.Add(new PacketField
            {
                Name = name,
                Path = PathOf(name),
                Value = value,
                Text = text,
                State = isSet switch { null => PacketFieldState.Plain, true => PacketFieldState.Fixed, false => PacketFieldState.Computed },
                BitOffset = (_start * 8) + bit,
                BitLength = end - bit,
                Fields = fields ?? (IReadOnlyList<PacketField>)[],
            });
        }
    }
}

/// <summary>How a number is written.</summary>
internal enum FieldStyle
{
    /// <summary>In decimal digits; a single bit as yes or no.</summary>
    Decimal,

    /// <summary>In hexadecimal digits, all of them.</summary>
    Hex,
}
