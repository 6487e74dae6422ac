using System;
using System.Collections.Generic;
using System.Linq;

namespace TcpTools.Packets;

/// <summary>
/// A packet to hold, look at and change: a list of layers, outermost first. Any bytes can be parsed, and come out again
/// exactly as they went in until something is changed. A packet is for one thread at a time.
/// </summary>
public sealed partial class Packet
{
    /// <summary>A packet without layers yet.</summary>
    public Packet() => _layers = new PacketLayerCollection(this);

    /// <summary>A packet of the given layers, which must not belong to another packet.</summary>
    public Packet(params IEnumerable<PacketLayer> layers)
    {
        _layers = new PacketLayerCollection(this);
        foreach (PacketLayer layer in layers)
        {
            _layers.Add(layer);
        }
    }

    /// <summary>The layers, outermost first.</summary>
    public PacketLayerCollection Layers => _layers ??= TakeApart();

    /// <summary>The Ethernet header; null without.</summary>
    public EthernetLayer? Ethernet => Find<EthernetLayer>();

    /// <summary>The outermost VLAN tag; null without.</summary>
    public VlanLayer? Vlan => Find<VlanLayer>();

    /// <summary>The ARP message; null without.</summary>
    public ArpLayer? Arp => Find<ArpLayer>();

    /// <summary>The outermost IP header, of either version; null without.</summary>
    public IPLayer? IP => Find<IPLayer>();

    /// <summary>The outermost IPv4 header; null without.</summary>
    public IPv4Layer? IPv4 => Find<IPv4Layer>();

    /// <summary>The outermost IPv6 header; null without.</summary>
    public IPv6Layer? IPv6 => Find<IPv6Layer>();

    /// <summary>The fragment header of IPv6; null without.</summary>
    public FragmentLayer? Fragment => Find<FragmentLayer>();

    /// <summary>The ICMP message; null without.</summary>
    public IcmpLayer? Icmp => Find<IcmpLayer>();

    /// <summary>The ICMPv6 message; null without.</summary>
    public Icmpv6Layer? Icmpv6 => Find<Icmpv6Layer>();

    /// <summary>The UDP header; null without.</summary>
    public UdpLayer? Udp => Find<UdpLayer>();

    /// <summary>The TCP header; null without. That of a packet quoted by an ICMP error is in <see cref="IcmpMessageLayer.Quoted"/>.</summary>
    public TcpLayer? Tcp => Find<TcpLayer>();

    /// <summary>The first DNS message; null without.</summary>
    public DnsLayer? Dns => Find<DnsLayer>();

    /// <summary>What no other layer takes apart; null when there is nothing.</summary>
    public PayloadLayer? Payload => Find<PayloadLayer>();

    /// <summary>What the first bytes are.</summary>
    public PacketStart Start => _frame is null && Layers.Count > 0
        ? Layers[0].StartsPacket ?? (Layers[0] is PayloadLayer ? _frameStart : PacketStart.IP)
        : _frameStart;

    /// <summary>What is wrong with the packet as it stands; empty when nothing is.</summary>
    public IReadOnlyList<PacketAnomaly> Anomalies
    {
        get
        {
            List<PacketAnomaly> anomalies = [];
            PacketDissector.Dissect(new Packet(), AsOwnedArray(), Start, anomalies);
            return anomalies;
        }
    }

    /// <summary>The protocols from outside in, and what the innermost is about.</summary>
    public string Summary => PacketText.Summarize(this);

    /// <summary>
    /// Takes bytes apart. Never throws: what is malformed is kept as it is and told by <see cref="Anomalies"/>. Fields
    /// that could be computed are left to be computed where the bytes hold the computed value, so that a changed packet
    /// goes out sound; where they deviate, the deviation stays set.
    /// </summary>
    public static Packet Parse(ReadOnlySpan<byte> bytes, PacketStart start = PacketStart.IP) =>
        new Packet().TakeApart(bytes.ToArray(), start);

    /// <summary>A packet of a copy of one layer.</summary>
    public static Packet Of(PacketLayer layer) => new([layer.Copy()]);

    /// <summary>The bytes: what is set as it is set, all else computed.</summary>
    public byte[] ToBytes() => _frame is not null ? [.. _frame] : PacketBuilder.Build(Layers.AsSpan());

    /// <summary>How many bytes <see cref="ToBytes"/> gives.</summary>
    public int GetLength() => _frame?.Length ?? PacketBuilder.Measure(Layers.AsSpan());

    /// <summary>
    /// Writes the bytes that <see cref="ToBytes"/> gives to the start of a buffer, whatever it held before; allocates
    /// nothing. False, and nothing written, where the buffer is too short.
    /// </summary>
    public bool TryWrite(Span<byte> destination, out int written)
    {
        if (_frame is null)
        {
            return PacketBuilder.TryBuild(Layers.AsSpan(), destination, out written);
        }

        bool fits = _frame.AsSpan().TryCopyTo(destination);
        written = fits ? _frame.Length : 0;
        return fits;
    }

    /// <summary>The layers as fields, outermost first, each with its fields and the places that they have in the bytes.</summary>
    public IReadOnlyList<PacketField> GetFields() => PacketFieldTree.Describe(this);

    /// <summary>A packet with copies of all layers, which shares nothing with this one.</summary>
    public Packet Copy()
    {
        // The bytes of a packet that nobody has looked into never change, and can be shared.
        Packet copy = _frame is not null ? new(_frame, _frameStart) : new(Layers.Select(layer => layer.Copy()));
        CopyCapturedTo(copy);
        return copy;
    }

    /// <summary>
    /// A new packet with the second inside the first; both stay as they are. Inside an ICMP error, an IP packet becomes
    /// the quoted one.
    /// </summary>
    public static Packet Compose(Packet outer, Packet inner)
    {
        Packet result = new(outer.Layers.Select(layer => layer.Copy()));
        if (result.Layers.LastOrDefault() is IcmpMessageLayer { IsError: true, Quoted: null } error && inner.Layers.FirstOrDefault() is IPLayer)
        {
            error.Quoted = inner.Copy();
            return result;
        }

        foreach (PacketLayer layer in inner.Layers)
        {
            result.Layers.Add(layer.Copy());
        }

        return result;
    }

    /// <inheritdoc cref="Compose"/>
    public static Packet operator /(Packet outer, Packet inner) => Compose(outer, inner);

    /// <summary>A new packet with the layer inside.</summary>
    public static Packet operator /(Packet outer, PacketLayer inner) => Compose(outer, Of(inner));

    /// <summary>A new packet with text inside, in UTF-8.</summary>
    public static Packet operator /(Packet outer, string text) => Compose(outer, new Packet([new PayloadLayer(text)]));

    /// <summary>A new packet with bytes inside.</summary>
    public static Packet operator /(Packet outer, byte[] data) => Compose(outer, new Packet([new PayloadLayer([.. data])]));

    /// <inheritdoc cref="Compose"/>
    public Packet Divide(Packet inner) => this / inner;

    /// <summary>One line in the manner of tcpdump, with absolute sequence numbers.</summary>
    public override string ToString() => PacketText.Dump(this);

    private T? Find<T>()
        where T : PacketLayer
    {
        foreach (PacketLayer layer in Layers.AsSpan())
        {
            if (layer is T found)
            {
                return found;
            }
        }

        return null;
    }
}
