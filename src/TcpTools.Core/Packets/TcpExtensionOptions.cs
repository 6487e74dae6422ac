using System;
using System.Collections.Generic;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>MD5 signature (RFC 2385).</summary>
public sealed class TcpMd5SignatureOption : TcpOption
{
    /// <summary>A digest, normally of 16 bytes.</summary>
    public TcpMd5SignatureOption(byte[] digest)
        : base(OptionBytes.Make(TcpOptionKind.Md5Signature, digest))
    {
    }

    internal TcpMd5SignatureOption(RawOption raw)
        : base(raw.Bytes)
    {
    }

    /// <inheritdoc/>
    public override string Name => "md5";

    /// <summary>The digest.</summary>
    public byte[] Digest => Data;

    /// <inheritdoc/>
    public override string ToString() => $"md5 {OptionBytes.Hex(Data)}";
}

/// <summary>User timeout (RFC 5482).</summary>
public sealed class TcpUserTimeoutOption : TcpOption
{
    /// <summary>So many seconds, or minutes; 15 bits.</summary>
    public TcpUserTimeoutOption(ushort value, bool inMinutes = false)
        : base(OptionBytes.Make(
            TcpOptionKind.UserTimeout, [(byte)(((value >> 8) & 0x7F) | (inMinutes ? 0x80 : 0)), (byte)value]))
    {
    }

    internal TcpUserTimeoutOption(RawOption raw)
        : base(raw.Bytes)
    {
    }

    /// <inheritdoc/>
    public override string Name => "uto";

    /// <summary>Whether the value counts minutes rather than seconds.</summary>
    public bool InMinutes => (WireField.Read8(Raw, 2) & 0x80) != 0;

    /// <summary>The value in its unit.</summary>
    public ushort Value => (ushort)(WireField.Read16(Raw, 2) & 0x7FFF);

    /// <summary>The time.</summary>
    public TimeSpan Timeout => InMinutes ? TimeSpan.FromMinutes(Value) : TimeSpan.FromSeconds(Value);

    /// <inheritdoc/>
    public override string ToString() => $"uto {Value}{(InMinutes ? "m" : "s")}";
}

/// <summary>Authentication, TCP-AO (RFC 5925, 2.2).</summary>
public sealed class TcpAuthenticationOption : TcpOption
{
    /// <summary>Key identifiers and message authentication code.</summary>
    public TcpAuthenticationOption(byte keyId, byte receiveNextKeyId, byte[] code)
        : base(OptionBytes.Make(TcpOptionKind.Authentication, [keyId, receiveNextKeyId, .. code]))
    {
    }

    internal TcpAuthenticationOption(RawOption raw)
        : base(raw.Bytes)
    {
    }

    /// <inheritdoc/>
    public override string Name => "ao";

    /// <summary>KeyID: which key made the code.</summary>
    public byte KeyId => WireField.Read8(Raw, 2);

    /// <summary>RNextKeyID: which key the sender wants to receive next.</summary>
    public byte ReceiveNextKeyId => WireField.Read8(Raw, 3);

    /// <summary>The message authentication code.</summary>
    public byte[] Code => Raw[4..];

    /// <inheritdoc/>
    public override string ToString() => $"ao keyid {KeyId} rnextkeyid {ReceiveNextKeyId} mac 0x{OptionBytes.Hex(Code)}";
}

/// <summary>Multipath TCP (RFC 8684), its content as bytes.</summary>
public sealed class TcpMultipathOption : TcpOption
{
    /// <summary>Subtype and what follows, as bytes.</summary>
    public TcpMultipathOption(ReadOnlySpan<byte> data)
        : base(OptionBytes.Make(TcpOptionKind.Multipath, data))
    {
    }

    internal TcpMultipathOption(RawOption raw)
        : base(raw.Bytes)
    {
    }

    /// <inheritdoc/>
    public override string Name => "mptcp";

    /// <summary>The kind of multipath option: 0 for MP_CAPABLE, 1 for MP_JOIN, 2 for DSS, ... (RFC 8684, 8.1).</summary>
    public byte Subtype => (byte)(WireField.Read8(Raw, 2) >> 4);

    /// <inheritdoc/>
    public override string ToString() => $"mptcp 0x{OptionBytes.Hex(Data)}";
}

/// <summary>Fast open (RFC 7413): a cookie, or the request for one; in its registered or its experimental kind.</summary>
public sealed class TcpFastOpenOption : TcpOption
{
    /// <summary>A cookie of 4 to 16 bytes; none to ask for one.</summary>
    public TcpFastOpenOption(ReadOnlySpan<byte> cookie, bool experimental = false)
        : base(experimental
            ? OptionBytes.Make(TcpOptionKind.Experimental2, [0xF9, 0x89, .. cookie])
            : OptionBytes.Make(TcpOptionKind.FastOpen, cookie))
    {
    }

    internal TcpFastOpenOption(RawOption raw)
        : base(raw.Bytes)
    {
    }

    /// <inheritdoc/>
    public override string Name => IsExperimental ? "exp-tfo" : "tfo";

    /// <summary>Whether this is the experimental kind, 254 with identifier F989.</summary>
    public bool IsExperimental => Kind == TcpOptionKind.Experimental2;

    /// <summary>Whether this asks for a cookie.</summary>
    public bool IsRequest => Cookie.Length == 0;

    /// <summary>The cookie.</summary>
    public byte[] Cookie => IsExperimental ? Raw[4..] : Data;

    /// <inheritdoc/>
    public override string ToString() => IsRequest ? $"{Name} cookiereq" : $"{Name} cookie {OptionBytes.Hex(Cookie)}";
}

/// <summary>Accurate ECN: up to three counters of bytes (RFC 9768, 3.2.3).</summary>
public sealed class TcpAccurateEcnOption : TcpOption
{
    /// <summary>Counters of 24 bits, in the order that <paramref name="order"/> (0 or 1) gives them.</summary>
    public TcpAccurateEcnOption(int order, params ReadOnlySpan<uint> counters)
        : base(Encode(order, counters))
    {
    }

    internal TcpAccurateEcnOption(RawOption raw)
        : base(raw.Bytes)
    {
    }

    /// <inheritdoc/>
    public override string Name => "accecn";

    /// <summary>Which counter comes first: 0 for ECT(0), CE, ECT(1); 1 for ECT(1), CE, ECT(0).</summary>
    public int Order => Kind == TcpOptionKind.AccurateEcn1 ? 1 : 0;

    /// <summary>Bytes that arrived marked ECT(0), modulo 2^24; null when not told.</summary>
    public uint? Ect0Bytes => Counter(Order == 0 ? 0 : 2);

    /// <summary>Bytes that arrived marked CE, modulo 2^24; null when not told.</summary>
    public uint? CongestionBytes => Counter(1);

    /// <summary>Bytes that arrived marked ECT(1), modulo 2^24; null when not told.</summary>
    public uint? Ect1Bytes => Counter(Order == 0 ? 2 : 0);

    /// <inheritdoc/>
    public override string ToString()
    {
        List<string> parts = [$"accecn{Order}"];
        for (int i = 0; i < (Raw.Length - 2) / 3; i++)
        {
            parts.Add(((i, Order) switch { (1, _) => "ceb ", (0, 0) or (2, 1) => "e0b ", _ => "e1b " }) + Counter(i));
        }

        return string.Join(' ', parts);
    }

    private uint? Counter(int index) => 2 + (3 * (index + 1)) <= Raw.Length ? WireField.Read32(Raw, 1 + (3 * index)) & 0xFFFFFF : null;

    private static byte[] Encode(int order, ReadOnlySpan<uint> counters)
    {
        byte[] data = new byte[3 * counters.Length];
        for (int i = 0; i < counters.Length; i++)
        {
            data[3 * i] = (byte)(counters[i] >> 16);
            data[(3 * i) + 1] = (byte)(counters[i] >> 8);
            data[(3 * i) + 2] = (byte)counters[i];
        }

        return OptionBytes.Make(order == 0 ? TcpOptionKind.AccurateEcn0 : TcpOptionKind.AccurateEcn1, data);
    }
}
