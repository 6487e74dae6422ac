using System;
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
        get => _dataOffset ?? new TcpView(BuildHeader()).DataOffset;
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
    public Collection<TcpOption> Options { get; set => field = [.. value ?? []]; } = [];

    /// <summary>Bytes of data in the segment.</summary>
    public int DataLength
    {
        get
        {
            int length = 0;
            for (int i = (Owner?.Layers.IndexOf(this) ?? int.MaxValue - 1) + 1; i < Owner?.Layers.Count; i++)
            {
                length += Owner.Layers[i].BuiltLength + Owner.Layers[i].Trailer.Length;
            }

            return length;
        }
    }

    /// <summary>SEG.LEN: bytes of data, SYN and FIN counted (RFC 9293, 3.4).</summary>
    public int SegmentLength =>
        DataLength + (Flags.HasFlag(TcpFlags.Syn) ? 1 : 0) + (Flags.HasFlag(TcpFlags.Fin) ? 1 : 0);

    /// <summary>The sequence number after the segment, modulo 2^32: what acknowledges it.</summary>
    public uint NextSequence => unchecked(Sequence + (uint)SegmentLength);

    internal override int FixedLength => TcpView.MinimumHeaderLength;

    /// <summary>The first option of a class; null when there is none.</summary>
    public T? GetOption<T>()
        where T : TcpOption => Options.OfType<T>().FirstOrDefault();

    internal override byte[] EncodeBody() => OptionBytes.Encode(Options, static option => option.Raw);

    internal override void Write(in LayerPlace place)
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
        editor.Checksum = _checksum ?? (place.IP is null ? (ushort)0 : InternetChecksum.Finish(
            InternetChecksum.Add(place.IP.PseudoHeader(IPProtocol.Tcp, place.Whole.Length), place.Whole)));
    }

    private protected override void Detach() => Options = [.. Options];

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

    /// <summary>Ports and flags.</summary>
    public override string ToString() => $"TCP {SourcePort} > {DestinationPort} {TcpFlagsText.ToLetters(Flags)}";
}
