using System;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>
/// What messages of ICMP for IPv4 and for IPv6 have in common: type, code, checksum, a word that each type reads
/// differently, and in errors the packet that caused them, with extensions behind it (RFC 4884).
/// </summary>
public abstract class IcmpMessageLayer : PacketLayer
{
    private ushort? _checksum;
    private byte? _originalLength;
    private ushort? _extensionChecksum;
    private int? _quotationLength;
    private bool _hasStructure;
    private byte[] _fields = [];
    private OptionList<IcmpExtensionObject> _extensions;

    /// <summary>The kind of message.</summary>
    public byte Type { get; set; }

    /// <summary>The kind within the type.</summary>
    public byte Code { get; set; }

    /// <summary>The checksum; computed over the whole message.</summary>
    public ushort? Checksum
    {
        get => _checksum ?? WireField.Read16(BuildHeader(), 2);
        set => _checksum = value;
    }

    /// <summary>The header's second word, whatever the type makes of it.</summary>
    public uint RestOfHeader { get; set; }

    /// <summary>Echo and its like: which ping it belongs to.</summary>
    public ushort Identifier
    {
        get => (ushort)(RestOfHeader >> 16);
        set => RestOfHeader = (RestOfHeader & 0xFFFF) | ((uint)value << 16);
    }

    /// <summary>Echo and its like: which of its requests.</summary>
    public ushort Sequence
    {
        get => (ushort)RestOfHeader;
        set => RestOfHeader = (RestOfHeader & 0xFFFF0000) | value;
    }

    /// <summary>Whether this reports an error about another packet.</summary>
    public abstract bool IsError { get; }

    /// <summary>The packet that an error message quotes, from its IP header on, as far as the quotation goes.</summary>
    public Packet? Quoted
    {
        get;
        set
        {
            field = value;
            _quotationLength = null;
        }
    }

    /// <summary>
    /// The objects behind the quotation (RFC 4884); setting copies the list. The quotation is then filled up with zeros to
    /// 128 bytes at least, and its length stands in the header.
    /// </summary>
    public Collection<IcmpExtensionObject> Extensions
    {
        get => _extensions.Open(static (raw, list) => IcmpExtensionObject.ReadAll(raw, list));
        set => _extensions.Set(value);
    }

    /// <summary>
    /// The quotation's length in the header, in units of 4 bytes (IPv4) or 8 bytes (IPv6); computed where there are
    /// extensions, and a part of <see cref="RestOfHeader"/> where there are none.
    /// </summary>
    public byte? OriginalLength
    {
        get => _originalLength
            ?? (HasStructure ? (byte)Math.Min(QuotationLength / LengthUnit, byte.MaxValue) : (byte)(RestOfHeader >> LengthShift));
        set => _originalLength = value;
    }

    /// <summary>The version of the extensions: 2.</summary>
    public byte ExtensionVersion { get; set; } = IcmpExtensionView.CurrentVersion;

    /// <summary>The twelve reserved bits behind the version.</summary>
    public ushort ExtensionReserved { get; set; }

    /// <summary>The checksum of the extensions; computed over them, 0 where there are none.</summary>
    public ushort? ExtensionChecksum
    {
        get => _extensionChecksum ?? (HasStructure ? WireField.Read16(BuildHeader(), StructureStart + 2) : (ushort)0);
        set => _extensionChecksum = value;
    }

    internal override int FixedLength => Icmpv4View.HeaderLength;

    internal override int BodyLength =>
        FieldsLength + QuotationLength + OptionsLength + (HasStructure ? IcmpExtensionView.HeaderLength + _extensions.Length : 0);

    /// <summary>Whether messages of this type can have extensions.</summary>
    internal abstract bool IsExtensible { get; }

    /// <summary>What the quotation's length counts, in bytes.</summary>
    internal abstract int LengthUnit { get; }

    /// <summary>By how many bits the quotation's length is shifted in <see cref="RestOfHeader"/>.</summary>
    private protected abstract int LengthShift { get; }

    /// <summary>Bytes behind the header that have a meaning by type.</summary>
    private protected abstract int FieldsLength { get; }

    /// <summary>Bytes of options behind the fields.</summary>
    private protected virtual int OptionsLength => 0;

    /// <summary>The bytes behind the header that have a meaning by type, as far as somebody has set them.</summary>
    private protected ReadOnlySpan<byte> Fields => _fields;

    private bool HasStructure => _hasStructure || !_extensions.IsEmpty;

    private int QuotationLength
    {
        get
        {
            int quoted = Quoted?.GetLength() ?? 0;
            int needed = HasStructure && _quotationLength is null
                ? Math.Max((quoted + LengthUnit - 1) / LengthUnit * LengthUnit, IcmpExtensionView.MinimumQuotation)
                : quoted;
            return Math.Max(needed, _quotationLength ?? 0);
        }
    }

    private int StructureStart => FixedLength + FieldsLength + QuotationLength;

    /// <summary>Takes over the fields of a message that was parsed.</summary>
    internal void SetFields(ReadOnlySpan<byte> fields) => _fields = fields.ToArray();

    /// <summary>Takes over what stands behind the quotation of a message that was parsed.</summary>
    internal void SetStructure(ReadOnlyMemory<byte> structure, int quotation)
    {
        IcmpExtensionView view = new(structure.Span);
        _hasStructure = true;
        _extensions.SetRaw(structure[IcmpExtensionView.HeaderLength..]);
        ExtensionReserved = view.Reserved;
        bool isComputed = view.IsChecksumValid && view.Checksum is not (0 or 0xFFFF);
        _extensionChecksum = isComputed ? null : view.Checksum;
        _quotationLength = QuotationLength == quotation ? null : quotation;
        byte length = (byte)(RestOfHeader >> LengthShift);
        _originalLength = OriginalLength == length ? null : length;
        RestOfHeader &= ~(0xFFu << LengthShift);
    }

    internal override void WriteBody(Span<byte> body)
    {
        int fields = FieldsLength;
        _fields.AsSpan(0, Math.Min(fields, _fields.Length)).CopyTo(body);
        body[Math.Min(fields, _fields.Length)..fields].Clear();
        body = body[fields..];
        int written = 0;
        Quoted?.TryWrite(body, out written);
        int quotation = QuotationLength;
        body[written..quotation].Clear();
        body = body[quotation..];
        WriteOptions(body[..OptionsLength]);
        body = body[OptionsLength..];
        if (HasStructure)
        {
            WriteStructure(body);
        }
    }

    internal override void Write(in LayerPlace place)
    {
        Span<byte> header = place.Header;
        bool hasLength = _originalLength is not null || HasStructure;
        uint rest = hasLength ? (RestOfHeader & ~(0xFFu << LengthShift)) | ((uint)OriginalLength!.Value << LengthShift) : RestOfHeader;
        WireField.Write8(header, 0, Type);
        WireField.Write8(header, 1, Code);
        WireField.Write32(header, 4, rest);
        WireField.Write16(header, 2, _checksum ?? ComputeChecksum(place));
    }

    internal override void Describe(FieldSink sink)
    {
        sink.Number(nameof(Type), 0, 8, meaning: type => NameType((byte)type));
        sink.Number(nameof(Code), 8, 8);
        sink.Number(nameof(Checksum), 16, 16, FieldStyle.Hex, _checksum is not null);
        DescribeFields(sink);
        if (IsExtensible && (HasStructure || _originalLength is not null))
        {
            sink.Number(nameof(OriginalLength), 32 + 24 - LengthShift, 8, isSet: _originalLength is not null);
        }

        int at = FixedLength + FieldsLength;
        sink.Packet(nameof(Quoted), at, Quoted);

        if (HasStructure)
        {
            at = StructureStart;
            sink.Number(nameof(ExtensionVersion), 8 * at, 4);
            sink.Number(nameof(ExtensionReserved), (8 * at) + 4, 12, FieldStyle.Hex);
            sink.Number(nameof(ExtensionChecksum), (8 * at) + 16, 16, FieldStyle.Hex, _extensionChecksum is not null);
            sink.Options(nameof(Extensions), at + 4, Extensions, static item => item.Raw, static (item, inner) => item.Describe(inner));
        }
    }

    /// <summary>Tells the fields behind the checksum.</summary>
    private protected abstract void DescribeFields(FieldSink sink);

    /// <summary>What a type is called; null when it has no name here.</summary>
    private protected abstract string? NameType(byte type);

    /// <summary>The checksum over a message whose checksum field is still 0.</summary>
    private protected abstract ushort ComputeChecksum(in LayerPlace place);

    /// <summary>Writes the options behind the fields.</summary>
    private protected virtual void WriteOptions(Span<byte> bytes)
    {
    }

    /// <summary>The fields to write to, as many bytes as the type has.</summary>
    private protected Span<byte> OpenFields(int length)
    {
        if (_fields.Length < length)
        {
            Array.Resize(ref _fields, length);
        }

        return _fields;
    }

    private protected override void Detach()
    {
        int? quotation = _quotationLength;
        Quoted = Quoted?.Copy();
        _quotationLength = quotation;
        _fields = [.. _fields];
        _extensions.Detach();
    }

    private protected override void ListFixedFields(List<string> names)
    {
        if (_checksum is not null)
        {
            names.Add(nameof(Checksum));
        }

        if (_originalLength is not null)
        {
            names.Add(nameof(OriginalLength));
        }

        if (_extensionChecksum is not null)
        {
            names.Add(nameof(ExtensionChecksum));
        }
    }

    private void WriteStructure(Span<byte> bytes)
    {
        _extensions.Write(bytes[IcmpExtensionView.HeaderLength..]);
        WireField.Write16(bytes, 0, (ushort)((ExtensionVersion << 12) | (ExtensionReserved & 0xFFF)));
        WireField.Write16(bytes, 2, 0);
        WireField.Write16(bytes, 2, _extensionChecksum ?? InternetChecksum.Compute(bytes));
    }
}
