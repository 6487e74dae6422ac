using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Text;
using TcpTools.Capture;
using TcpTools.Channels;
using TcpTools.Links;
using TcpTools.Packets;
using TcpTools.Stack;
using TcpTools.Wire;

namespace TcpTools.PowerShell;

/// <summary>Packets from whatever people have that stands for one.</summary>
internal static class PacketInput
{
    /// <summary>A packet from a packet, a layer, a raw frame, bytes, or another library's packet with its bytes in a property.</summary>
    public static Packet? TryRead(object? value, PacketStart start = PacketStart.IP)
    {
        object? plain = value is PSObject wrapped ? wrapped.BaseObject : value;
        switch (plain)
        {
            case Packet packet:
                return packet;
            case PacketLayer layer:
                return Packet.Of(layer);
            case RawFrame frame:
                return frame.ToPacket();
            case ReceivedFrame frame:
                return Packet.Parse(
                    frame.Bytes.Span, frame.Medium == LinkMedium.Ethernet ? PacketStart.Ethernet : PacketStart.IP);
            case CapturedPacket captured:
                return captured.ToFrame().Parse();
            case byte[] bytes:
                return Packet.FromFrame([.. bytes], start);
            case ReadOnlyMemory<byte> memory:
                return Packet.FromFrame(memory.ToArray(), start);
            case Memory<byte> memory:
                return Packet.FromFrame(memory.ToArray(), start);
            case ArraySegment<byte> segment:
                return Packet.FromFrame([.. segment], start);
            case object[] list when list.Length > 0 && LanguagePrimitives.TryConvertTo(list, out byte[] converted):
                return Packet.Parse(converted, start);
            case null or string or byte:
                return null;
            default:
                // The wrapper, not what it wraps: an object made in a script has its properties there.
                return ForeignPackets.TryRead(value as PSObject ?? PSObject.AsPSObject(plain), start);
        }
    }

    /// <summary>Text or bytes as a payload; null when it is neither.</summary>
    public static byte[]? TryReadData(object? value, Encoding encoding)
    {
        object? plain = value is PSObject wrapped ? wrapped.BaseObject : value;
        return plain switch
        {
            byte[] bytes => bytes,
            string text => encoding.GetBytes(text),
            byte one => [one],
            IEnumerable<byte> many => [.. many],
            IEnumerable list when LanguagePrimitives.TryConvertTo(list, out byte[] converted) => converted,
            _ => null,
        };
    }
}

/// <summary>Lets a packet parameter take packets, layers, raw frames, bytes, and other libraries' packets.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PacketTransformAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        PacketInput.TryRead(inputData) ?? throw new ArgumentTransformationMetadataException(
            inputData is byte or PSObject { BaseObject: byte }
                ? "A single byte is no packet. An array that is piped comes byte by byte: write ', $bytes |', or ConvertFrom-PacketBytes first."
                : $"{Lookup.Show(inputData)} is not a packet: give one from New-IPPacket, a frame, or its bytes.");
}

/// <summary>Lets a parameter take several packets, or what stands for them.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PacketListTransformAttribute : ArgumentTransformationAttribute
{
    private static readonly PacketTransformAttribute s_one = new();

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return value is object?[] or IList<object>
            ? ((IEnumerable)value).Cast<object>().Select(one => (Packet)s_one.Transform(engineIntrinsics, one)).ToArray()
            : new[] { (Packet)s_one.Transform(engineIntrinsics, inputData) };
    }
}

/// <summary>Lets a parameter take TCP control bits as names (Syn,Ack), letters (SA) or a number (0x12).</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class TcpFlagsTransformAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        if (value is TcpFlags flags)
        {
            return flags;
        }

        string text = value is IEnumerable many and not string
            ? string.Join(',', many.Cast<object>())
            : Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
        return TcpFlagsText.TryParse(text, out flags)
            ? flags
            : throw new ArgumentTransformationMetadataException(
                $"'{text}' are no TCP flags: write names (Syn,Ack), letters (SA of FSRPAUECN) or a number (0x12).");
    }
}

/// <summary>Lets a parameter take TCP options as tcpdump prints them: 'mss 1460', 'wscale 7', 'sackOK', 'TS val 1 ecr 0'.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class TcpOptionTransformAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        try
        {
            // An array of bytes is one option as it is on the wire.
            return value is IEnumerable many and not (string or byte[])
                ? many.Cast<object>().Select(One).ToArray()
                : new[] { One(value) };
        }
        catch (FormatException e)
        {
            throw new ArgumentTransformationMetadataException(e.Message, e);
        }
    }

    private static TcpOption One(object? value)
    {
        object? plain = value is PSObject wrapped ? wrapped.BaseObject : value;
        return plain switch
        {
            TcpOption option => option,
            byte[] raw => TcpOption.FromBytes(raw),
            _ => TcpOption.Parse(plain?.ToString() ?? ""),
        };
    }
}

/// <summary>Lets a parameter take an Ethernet address as text.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class MacAddressTransformAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return value is MacAddress already
            ? already
            : MacAddress.TryParse(value?.ToString(), out MacAddress address)
                ? address
                : throw new ArgumentTransformationMetadataException(
                    $"{Lookup.Show(inputData)} is not an Ethernet address such as 02:00:00:00:00:01.");
    }
}
