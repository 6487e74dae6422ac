using System;

namespace TcpTools.Wire;

/// <summary>
/// Reads what follows a type field of 0x8100, 0x88A8 or 0x9100: the tag control information and the next type (IEEE 802.1Q).
/// Never throws; missing bytes read as 0.
/// </summary>
/// <param name="bytes">The bytes after the type field that announced the tag.</param>
public readonly ref struct VlanTagView(ReadOnlySpan<byte> bytes)
{
    /// <summary>Bytes from the tag control information to the end of the next type.</summary>
    public const int HeaderLength = 4;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Whether the whole tag is there.</summary>
    public bool IsComplete => _bytes.Length >= HeaderLength;

    /// <summary>Priority code point, 0 to 7.</summary>
    public byte Priority => (byte)(WireField.Read8(_bytes, 0) >> 5);

    /// <summary>Drop eligible indicator.</summary>
    public bool DropEligible => (WireField.Read8(_bytes, 0) & 0x10) != 0;

    /// <summary>VLAN identifier, 0 to 4095.</summary>
    public ushort VlanId => (ushort)(WireField.Read16(_bytes, 0) & 0xFFF);

    /// <summary>What follows the tag.</summary>
    public ushort EtherType => WireField.Read16(_bytes, 2);

    /// <summary>The bytes behind the tag.</summary>
    public ReadOnlySpan<byte> Payload => WireField.Cut(_bytes, HeaderLength, int.MaxValue);
}

/// <summary>Writes a VLAN tag. Never throws; what lies outside the bytes is not written.</summary>
/// <param name="bytes">The bytes after the type field that announces the tag.</param>
public readonly ref struct VlanTagEditor(Span<byte> bytes)
{
    private readonly Span<byte> _bytes = bytes;

    /// <inheritdoc cref="VlanTagView.Priority"/>
    public byte Priority
    {
        get => new VlanTagView(_bytes).Priority;
        set => WireField.Write8(_bytes, 0, (byte)((WireField.Read8(_bytes, 0) & 0x1F) | (value << 5)));
    }

    /// <inheritdoc cref="VlanTagView.DropEligible"/>
    public bool DropEligible
    {
        get => new VlanTagView(_bytes).DropEligible;
        set => WireField.Write8(_bytes, 0, (byte)((WireField.Read8(_bytes, 0) & 0xEF) | (value ? 0x10 : 0)));
    }

    /// <inheritdoc cref="VlanTagView.VlanId"/>
    public ushort VlanId
    {
        get => new VlanTagView(_bytes).VlanId;
        set => WireField.Write16(_bytes, 0, (ushort)((WireField.Read16(_bytes, 0) & 0xF000) | (value & 0xFFF)));
    }

    /// <inheritdoc cref="VlanTagView.EtherType"/>
    public ushort EtherType
    {
        get => WireField.Read16(_bytes, 2);
        set => WireField.Write16(_bytes, 2, value);
    }
}
