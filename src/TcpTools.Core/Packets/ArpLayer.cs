using System;
using System.Collections.Generic;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>An ARP message (RFC 826). Between Ethernet and IPv4 unless the address bytes are set to other lengths.</summary>
public sealed class ArpLayer : PacketLayer
{
    private byte? _hardwareLength;
    private byte? _protocolLength;

    /// <inheritdoc/>
    public override string Name => "ARP";

    /// <inheritdoc cref="ArpView.HardwareType"/>
    public ushort HardwareType { get; set; } = 1;

    /// <inheritdoc cref="ArpView.ProtocolType"/>
    public ushort ProtocolType { get; set; } = EtherType.IPv4;

    /// <summary>Bytes of each link address; computed from the sender's.</summary>
    public byte? HardwareLength
    {
        get => _hardwareLength ?? (byte)SenderHardwareBytes.Length;
        set => _hardwareLength = value;
    }

    /// <summary>Bytes of each protocol address; computed from the sender's.</summary>
    public byte? ProtocolLength
    {
        get => _protocolLength ?? (byte)SenderProtocolBytes.Length;
        set => _protocolLength = value;
    }

    /// <inheritdoc cref="ArpView.Operation"/>
    public ushort Operation { get; set; } = ArpOperation.Request;

    /// <summary>The sender's link address.</summary>
    public MacAddress SenderHardware
    {
        get => MacAddress.FromBytes(SenderHardwareBytes);
        set => SenderHardwareBytes = ToBytes(value);
    }

    /// <summary>The sender's IP address.</summary>
    public NetworkAddress SenderProtocol
    {
        get => NetworkAddress.FromBytes(SenderProtocolBytes);
        set => SenderProtocolBytes = ToBytes(value);
    }

    /// <summary>The target's link address.</summary>
    public MacAddress TargetHardware
    {
        get => MacAddress.FromBytes(TargetHardwareBytes);
        set => TargetHardwareBytes = ToBytes(value);
    }

    /// <summary>The target's IP address.</summary>
    public NetworkAddress TargetProtocol
    {
        get => NetworkAddress.FromBytes(TargetProtocolBytes);
        set => TargetProtocolBytes = ToBytes(value);
    }

    /// <inheritdoc cref="ArpView.SenderHardwareBytes"/>
    public byte[] SenderHardwareBytes { get; set; } = new byte[6];

    /// <inheritdoc cref="ArpView.SenderProtocolBytes"/>
    public byte[] SenderProtocolBytes { get; set; } = new byte[4];

    /// <inheritdoc cref="ArpView.TargetHardwareBytes"/>
    public byte[] TargetHardwareBytes { get; set; } = new byte[6];

    /// <inheritdoc cref="ArpView.TargetProtocolBytes"/>
    public byte[] TargetProtocolBytes { get; set; } = new byte[4];

    internal override int FixedLength => ArpView.FixedLength;

    internal override int BodyLength =>
        SenderHardwareBytes.Length + SenderProtocolBytes.Length + TargetHardwareBytes.Length + TargetProtocolBytes.Length;

    internal override ushort? EtherTypeNumber => EtherType.Arp;

    internal override void WriteBody(Span<byte> body)
    {
        Append(SenderHardwareBytes, ref body);
        Append(SenderProtocolBytes, ref body);
        Append(TargetHardwareBytes, ref body);
        Append(TargetProtocolBytes, ref body);

        static void Append(byte[] bytes, ref Span<byte> rest)
        {
            bytes.CopyTo(rest);
            rest = rest[bytes.Length..];
        }
    }

    internal override void Write(in LayerPlace place) => _ = new ArpEditor(place.Header)
    {
        HardwareType = HardwareType,
        ProtocolType = ProtocolType,
        HardwareLength = HardwareLength ?? 0,
        ProtocolLength = ProtocolLength ?? 0,
        Operation = Operation,
    };

    internal override void Describe(FieldSink sink)
    {
        sink.Number(nameof(HardwareType), 0, 16);
        sink.Number(nameof(ProtocolType), 16, 16, FieldStyle.Hex, meaning: FieldText.OfEtherType);
        sink.Number(nameof(HardwareLength), 32, 8, isSet: _hardwareLength is not null);
        sink.Number(nameof(ProtocolLength), 40, 8, isSet: _protocolLength is not null);
        sink.Number(nameof(Operation), 48, 16, meaning: operation => operation switch { 1 => "request", 2 => "reply", _ => null });
        int at = ArpView.FixedLength;
        foreach ((string name, byte[] bytes) in new[]
        {
            (nameof(SenderHardware), SenderHardwareBytes),
            (nameof(SenderProtocol), SenderProtocolBytes),
            (nameof(TargetHardware), TargetHardwareBytes),
            (nameof(TargetProtocol), TargetProtocolBytes),
        })
        {
            DescribeAddress(sink, name, at, bytes.Length);
            at += bytes.Length;
        }
    }

    private protected override void ListFixedFields(List<string> names)
    {
        if (_hardwareLength is not null)
        {
            names.Add(nameof(HardwareLength));
        }

        if (_protocolLength is not null)
        {
            names.Add(nameof(ProtocolLength));
        }
    }

    private protected override void Detach()
    {
        SenderHardwareBytes = [.. SenderHardwareBytes];
        SenderProtocolBytes = [.. SenderProtocolBytes];
        TargetHardwareBytes = [.. TargetHardwareBytes];
        TargetProtocolBytes = [.. TargetProtocolBytes];
    }

    private static void DescribeAddress(FieldSink sink, string name, int at, int length)
    {
        switch (length)
        {
            case MacAddress.Length:
                sink.Mac(name, at);
                break;
            case 4 or 16:
                sink.Address(name, at, length);
                break;
            default:
                sink.Data($"{name}Bytes", at, length);
                break;
        }
    }

    private static byte[] ToBytes(MacAddress address)
    {
        byte[] bytes = new byte[MacAddress.Length];
        address.TryWriteBytes(bytes);
        return bytes;
    }

    private static byte[] ToBytes(NetworkAddress address)
    {
        byte[] bytes = new byte[address.Length];
        address.TryWriteBytes(bytes);
        return bytes;
    }

    /// <summary>The question or the answer, as tcpdump prints it.</summary>
    public override string ToString() => Operation switch
    {
        ArpOperation.Request => $"Request who-has {TargetProtocol} tell {SenderProtocol}",
        ArpOperation.Reply => $"Reply {SenderProtocol} is-at {SenderHardware}",
        _ => $"operation {Operation}",
    };
}
