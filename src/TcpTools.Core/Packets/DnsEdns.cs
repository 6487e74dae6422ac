using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>An option of EDNS (RFC 6891, 6.1.2).</summary>
/// <param name="Code">Which: 3 for the server's identity, 8 for the client's network, 10 for a cookie, 15 for an extended error, ...</param>
/// <param name="Data">Its data.</param>
public sealed record DnsEdnsOption(ushort Code, byte[] Data)
{
    /// <summary>Code and data in hexadecimal digits.</summary>
    public override string ToString() => $"{Code}:{Convert.ToHexStringLower(Data)}";
}

/// <summary>The data of an OPT record: options (RFC 6891, 6.1.2). The record's other fields are read by <see cref="DnsEdns"/>.</summary>
/// <param name="Options">The options in order.</param>
public sealed record DnsOptionsData(IReadOnlyList<DnsEdnsOption> Options) : DnsData
{
    /// <inheritdoc/>
    public override DnsType Type => DnsType.OPT;

    internal override void Write(DnsWriter writer)
    {
        foreach (DnsEdnsOption option in Options)
        {
            writer.Write16(option.Code);
            writer.Write16((ushort)option.Data.Length);
            writer.Write(option.Data);
        }
    }

    /// <summary>The options.</summary>
    public override string ToString() => string.Join(' ', Options);
}

/// <summary>The sender's extensions, EDNS (RFC 6891), as an OPT record tells them: a value, never changed.</summary>
public sealed record DnsEdns
{
    private const ushort DnssecOkBit = 0x8000;

    /// <summary>Bytes of UDP payload that the sender can take; 1232 fits without fragments nearly everywhere.</summary>
    public ushort UdpPayloadSize { get; init; } = 1232;

    /// <summary>The upper 8 bits of the response code.</summary>
    public byte ExtendedResponseCode { get; init; }

    /// <summary>The version: 0.</summary>
    public byte Version { get; init; }

    /// <summary>Whether the sender wants signatures (RFC 3225).</summary>
    public bool DnssecOk { get; init; }

    /// <summary>The 15 flags that mean nothing.</summary>
    public ushort ReservedFlags { get; init; }

    /// <summary>The options in order.</summary>
    public IReadOnlyList<DnsEdnsOption> Options { get; init; } = [];

    /// <summary>What an OPT record says.</summary>
    /// <exception cref="ArgumentException">The record is of another type, or its data is malformed.</exception>
    public static DnsEdns From(DnsRecord record) => record.Data is DnsOptionsData data
        ? new()
        {
            UdpPayloadSize = (ushort)record.Class,
            ExtendedResponseCode = (byte)(record.TimeToLive >> 24),
            Version = (byte)(record.TimeToLive >> 16),
            DnssecOk = (record.TimeToLive & DnssecOkBit) != 0,
            ReservedFlags = (ushort)(record.TimeToLive & 0x7FFF),
            Options = data.Options,
        }
        : throw new ArgumentException($"A record of type {DnsText.Show(record.Type)} has no extensions; OPT has.", nameof(record));

    /// <summary>The OPT record that says this.</summary>
    public DnsRecord ToRecord() => new(
        DnsName.Root,
        new DnsOptionsData([.. Options]),
        ((uint)ExtendedResponseCode << 24) | ((uint)Version << 16) | (DnssecOk ? DnssecOkBit : 0u) | (uint)(ReservedFlags & 0x7FFF),
        (DnsClass)UdpPayloadSize);

    /// <summary>The extensions in one line.</summary>
    public override string ToString() =>
        $"OPT version {Version} udp {UdpPayloadSize}{(DnssecOk ? " do" : "")}{string.Concat(Options.Select(option => $" {option}"))}";
}
