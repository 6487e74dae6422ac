using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Linq;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>A TCP header (RFC 9293, 3.1).</summary>
public sealed class TcpLayer : PacketLayer
{
    private int? _dataOffset;
    private ushort? _checksum;
    private OptionList<TcpOption> _options;

    /// <inheritdoc/>
    public override string Name => "TCP";

    /// <inheritdoc cref="TcpView.SourcePort"/>
    public ushort SourcePort { get; set; } = 20;

    /// <inheritdoc cref="TcpView.DestinationPort"/>
    public ushort DestinationPort { get; set; } = 80;

    /// <inheritdoc cref="TcpView.Sequence"/>
    public uint Sequence { get; set; }

    /// <inheritdoc cref="TcpView.Acknowledgment"/>
    public uint Acknowledgment { get; set; }

    /// <summary>The header's length in bytes, a multiple of 4 up to 60; computed from the options.</summary>
    public int? DataOffset
    {
        get => _dataOffset ?? Math.Min(CutHeader(FixedLength + BodyLength), TcpView.MaximumHeaderLength) / 4 * 4;
        set => _dataOffset = value;
    }

    /// <inheritdoc cref="TcpView.Reserved"/>
    public byte Reserved { get; set; }

    /// <summary>The control bits; SYN unless set.</summary>
    public TcpFlags Flags { get; set; } = TcpFlags.Syn;

    /// <inheritdoc cref="TcpView.Window"/>
    public ushort Window { get; set; } = 8192;

    /// <summary>The checksum; computed over the segment and the addresses of the IP layer, 0 where there is none.</summary>
    public ushort? Checksum
    {
        get => _checksum ?? new TcpView(BuildHeader()).Checksum;
        set => _checksum = value;
    }

    /// <inheritdoc cref="TcpView.UrgentPointer"/>
    public ushort UrgentPointer { get; set; }

    /// <summary>The options in order; setting copies the list. On the wire they are filled up with zeros to a multiple of 4 bytes.</summary>
    public Collection<TcpOption> Options
    {
        get => _options.Open(static (raw, list) => ReadOptions(raw, list));
        set => _options.Set(value);
    }

    /// <summary>Bytes of data in the segment.</summary>
    public int DataLength => PacketBuilder.Measure(FindInside());

    /// <summary>SEG.LEN: bytes of data, SYN and FIN counted (RFC 9293, 3.4).</summary>
    public int SegmentLength =>
        DataLength + (Flags.HasFlag(TcpFlags.Syn) ? 1 : 0) + (Flags.HasFlag(TcpFlags.Fin) ? 1 : 0);

    /// <summary>The sequence number after the segment, modulo 2^32: what acknowledges it.</summary>
    public uint NextSequence => unchecked(Sequence + (uint)SegmentLength);

    internal override int FixedLength => TcpView.MinimumHeaderLength;

    internal override int BodyLength => OptionBytes.FillUp(_options.Length);

    internal override byte? ProtocolNumber => IPProtocol.Tcp;

    /// <summary>The first option of a class; null when there is none.</summary>
    public T? GetOption<T>()
        where T : TcpOption => Options.OfType<T>().FirstOrDefault();

    /// <summary>Takes over the option bytes of a segment that was parsed; nobody may change them.</summary>
    internal void SetRawOptions(ReadOnlyMemory<byte> options) => _options.SetRaw(options);

    internal override void WriteBody(Span<byte> body) => _options.Write(body);

    internal override void Write(in LayerPlace place)
    {
        Span<byte> header = place.Header;
        if (header.Length < TcpView.MinimumHeaderLength)
        {
            WriteCut(place);
            return;
        }

        int words = ((_dataOffset ?? Math.Min(header.Length, TcpView.MaximumHeaderLength)) / 4) & 15;
        BinaryPrimitives.WriteUInt16BigEndian(header[18..], UrgentPointer);
        BinaryPrimitives.WriteUInt16BigEndian(header[14..], Window);
        BinaryPrimitives.WriteUInt16BigEndian(header[12..], (ushort)((words << 12) | ((Reserved & 7) << 9) | ((int)Flags & 0x1FF)));
        BinaryPrimitives.WriteUInt32BigEndian(header[8..], Acknowledgment);
        BinaryPrimitives.WriteUInt32BigEndian(header[4..], Sequence);
        BinaryPrimitives.WriteUInt32BigEndian(header, ((uint)SourcePort << 16) | DestinationPort);
        BinaryPrimitives.WriteUInt16BigEndian(header[16..], _checksum ?? ComputeChecksum(place));
    }

    /// <summary>The same where not even the fixed header is whole.</summary>
    private void WriteCut(in LayerPlace place)
    {
        TcpEditor editor = new(place.Header)
        {
            SourcePort = SourcePort,
            DestinationPort = DestinationPort,
            Sequence = new(Sequence),
            Acknowledgment = new(Acknowledgment),
            DataOffset = _dataOffset ?? Math.Min(place.Header.Length, TcpView.MaximumHeaderLength),
            Reserved = Reserved,
            Flags = Flags,
            Window = Window,
            Checksum = 0,
            UrgentPointer = UrgentPointer,
        };
        editor.Checksum = _checksum ?? ComputeChecksum(place);
    }

    private static ushort ComputeChecksum(in LayerPlace place) => place.IP is not { } ip ? (ushort)0
        : InternetChecksum.Finish(InternetChecksum.Add(ip.PseudoHeader(IPProtocol.Tcp, place.Whole.Length), place.Whole));

    internal override void Describe(FieldSink sink)
    {
        sink.Number(nameof(SourcePort), 0, 16);
        sink.Number(nameof(DestinationPort), 16, 16);
        sink.Number(nameof(Sequence), 32, 32);
        sink.Number(nameof(Acknowledgment), 64, 32);
        sink.Number(nameof(DataOffset), 96, 4, isSet: _dataOffset is not null, scale: 4);
        sink.Number(nameof(Reserved), 100, 3);
        TcpFlags flags = (TcpFlags)FieldBits.Read(sink.Bytes, 103, 9);
        sink.Value(nameof(Flags), 103, 9, flags, flags == TcpFlags.None ? "none" : $"{TcpFlagsText.ToLetters(flags)} ({flags})");
        sink.Number(nameof(Window), 112, 16);
        sink.Number(nameof(Checksum), 128, 16, FieldStyle.Hex, _checksum is not null);
        sink.Number(nameof(UrgentPointer), 144, 16);
        sink.Options(nameof(Options), FixedLength, Options, static option => option.Raw, TcpOptionFields.Describe);
    }

    private protected override void Detach() => _options.Detach();

    private protected override void ListFixedFields(List<string> names)
    {
        if (_dataOffset is not null)
        {
            names.Add(nameof(DataOffset));
        }

        if (_checksum is not null)
        {
            names.Add(nameof(Checksum));
        }
    }

    private static void ReadOptions(ReadOnlySpan<byte> raw, Collection<TcpOption> options)
    {
        TcpOptionReader reader = new(raw);
        while (reader.MoveNext())
        {
            options.Add(TcpOption.FromBytes(reader.Raw));
        }

        if (!OptionBytes.IsFilling(reader.Rest, raw.Length - reader.Rest.Length))
        {
            options.Add(new UnknownTcpOption([.. reader.Rest]));
        }
    }

    /// <summary>Ports and flags.</summary>
    public override string ToString() => $"TCP {SourcePort} > {DestinationPort} {TcpFlagsText.ToLetters(Flags)}";
}
