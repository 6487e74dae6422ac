using System;
using System.Globalization;
using System.IO;
using System.Management.Automation;
using TcpTools.Packets;
using TcpTools.Streams;
using TcpTools.Wire;

namespace TcpTools.PowerShell;

/// <summary>Lets a parameter take an address with a port: 10.0.0.1:80, [fd00::1]:80.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class StreamEndpointTransformAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        if (value is StreamEndpoint endpoint)
        {
            return endpoint;
        }

        string text = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
        int colon = text.LastIndexOf(':');
        return colon > 0
            && NetworkAddress.TryParse(text[..colon].Trim('[', ']'), out NetworkAddress address)
            && (address.IsIPv4 || text[0] == '[')
            && ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port)
            ? new StreamEndpoint(address, port)
            : throw new ArgumentTransformationMetadataException(
                $"'{text}' is no address with a port: write 10.0.0.1:80 or [fd00::1]:80.");
    }
}

/// <summary>Lets a parameter take packets, as <see cref="PacketTransformAttribute"/> does, and files.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PacketOrFileTransformAttribute : ArgumentTransformationAttribute
{
    private static readonly PacketTransformAttribute s_packets = new();

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        inputData is PSObject { BaseObject: FileInfo file } ? file : inputData as FileInfo ?? s_packets.Transform(engineIntrinsics, inputData);
}

/// <summary>Lets a parameter take a connection: a stream, an event of one, or a packet of it.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ConnectionTransformAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return value switch
        {
            TcpReset reset => reset,
            TcpStream stream => TcpReset.Of(stream),
            TcpStreamEvent { Stream: { } stream } => TcpReset.Of(stream),
            TcpStreamLine line => TcpReset.Of(line.Stream),
            HttpExchange exchange => TcpReset.Of(exchange.Stream),
            _ when value is not null and not TcpStreamEvent && PacketInput.TryRead(inputData) is Packet packet && TcpReset.Of(packet) is { } reset => reset,
            _ => throw new ArgumentTransformationMetadataException(
                $"{Lookup.Show(inputData)} is of no TCP connection: give a stream, an event of Watch-TcpStream, or a TCP packet."),
        };
    }
}
