using System;
using System.Collections.Generic;

namespace TcpTools.Packets;

/// <summary>
/// Makes bytes of layers: first the places from outside in, then the contents from inside out, because a checksum can
/// only be computed when everything inside is written.
/// </summary>
internal static class PacketBuilder
{
    public static byte[] Build(IReadOnlyList<PacketLayer> layers) => Build(layers, out _);

    /// <summary>The header of one layer as it would stand in its packet, or alone when it belongs to none.</summary>
    public static ReadOnlySpan<byte> BuildHeader(PacketLayer layer)
    {
        byte[] bytes = layer.Owner is null
            ? Build([layer], out Range[] headers)
            : Build(layer.Owner.Layers, out headers);
        return bytes.AsSpan(headers[layer.Owner?.Layers.IndexOf(layer) ?? 0]);
    }

    private static byte[] Build(IReadOnlyList<PacketLayer> layers, out Range[] headers)
    {
        int count = layers.Count;
        byte[][] bodies = new byte[count][];
        headers = new Range[count];
        int length = 0;
        int trailers = 0;
        for (int i = 0; i < count; i++)
        {
            bodies[i] = layers[i].EncodeBody();
            int header = layers[i].CutHeader(layers[i].FixedLength + bodies[i].Length);
            headers[i] = new(length, length + header);
            length += header;
            trailers += layers[i].Trailer.Length;
        }

        byte[] bytes = new byte[length + trailers];
        int end = length;
        for (int i = count - 1; i >= 0; i--)
        {
            PacketLayer layer = layers[i];
            Span<byte> header = bytes.AsSpan(headers[i]);
            if (header.Length > layer.FixedLength)
            {
                Span<byte> body = header[layer.FixedLength..];
                bodies[i].AsSpan(0, body.Length).CopyTo(body);
            }

            layer.Write(new LayerPlace
            {
                Header = header,
                Whole = bytes.AsSpan(headers[i].Start.Value, end - headers[i].Start.Value),
                Next = i + 1 < count ? layers[i + 1] : null,
                IP = FindIP(layers, i),
            });
            layer.Trailer.CopyTo(bytes, end);
            end += layer.Trailer.Length;
        }

        return bytes;
    }

    private static IPLayer? FindIP(IReadOnlyList<PacketLayer> layers, int before)
    {
        for (int i = before - 1; i >= 0; i--)
        {
            if (layers[i] is IPLayer ip)
            {
                return ip;
            }
        }

        return null;
    }
}
