using System;

namespace TcpTools.Packets;

/// <summary>
/// Makes bytes of layers in one pass: first the places from outside in, then the contents from inside out, because a
/// checksum can only be computed when everything inside is written. Nothing is allocated but the result.
/// </summary>
internal static class PacketBuilder
{
    /// <summary>So many layers have their lengths on the stack.</summary>
    private const int FewLayers = 32;

    /// <summary>Bytes of all layers.</summary>
    public static int Measure(ReadOnlySpan<PacketLayer> layers)
    {
        int length = 0;
        foreach (PacketLayer layer in layers)
        {
            length += layer.BuiltLength + layer.Trailer.Length;
        }

        return length;
    }

    public static byte[] Build(ReadOnlySpan<PacketLayer> layers)
    {
        Span<int> headers = layers.Length <= FewLayers ? stackalloc int[layers.Length] : new int[layers.Length];
        byte[] bytes = new byte[Place(layers, headers, out int length)];
        Write(layers, headers, length, bytes);
        return bytes;
    }

    /// <summary>Builds into bytes that may hold anything yet; nothing is written where they are too few.</summary>
    public static bool TryBuild(ReadOnlySpan<PacketLayer> layers, Span<byte> destination, out int written)
    {
        Span<int> headers = layers.Length <= FewLayers ? stackalloc int[layers.Length] : new int[layers.Length];
        int total = Place(layers, headers, out int length);
        if (total > destination.Length)
        {
            written = 0;
            return false;
        }

        Write(layers, headers, length, destination[..total]);
        written = total;
        return true;
    }

    /// <summary>The header of one layer as it would stand in its packet, or alone when it belongs to none.</summary>
    public static ReadOnlySpan<byte> BuildHeader(PacketLayer layer)
    {
        ReadOnlySpan<PacketLayer> layers = layer.Owner is null ? new(in layer) : layer.Owner.Layers.AsSpan();
        byte[] bytes = Build(layers);
        int start = 0;
        foreach (PacketLayer each in layers)
        {
            if (ReferenceEquals(each, layer))
            {
                break;
            }

            start += each.BuiltLength;
        }

        return bytes.AsSpan(start, layer.BuiltLength);
    }

    /// <summary>Finds the length of each header; returns the bytes of all, trailers included.</summary>
    private static int Place(ReadOnlySpan<PacketLayer> layers, Span<int> headers, out int length)
    {
        length = 0;
        int trailers = 0;
        for (int i = 0; i < layers.Length; i++)
        {
            PacketLayer layer = layers[i];
            headers[i] = layer.BuiltLength;
            length += headers[i];
            trailers += layer.Trailer.Length;
        }

        return length + trailers;
    }

    private static void Write(ReadOnlySpan<PacketLayer> layers, ReadOnlySpan<int> headers, int length, Span<byte> bytes)
    {
        int start = length;
        int end = length;
        for (int i = layers.Length - 1; i >= 0; i--)
        {
            PacketLayer layer = layers[i];
            start -= headers[i];
            Span<byte> header = bytes.Slice(start, headers[i]);
            WriteBody(layer, header);
            layer.Write(new LayerPlace
            {
                Header = header,
                Whole = bytes[start..end],
                Layers = layers,
                Index = i,
            });
            byte[] trailer = layer.Trailer;
            if (trailer.Length > 0)
            {
                trailer.CopyTo(bytes[end..]);
                end += trailer.Length;
            }
        }
    }

    private static void WriteBody(PacketLayer layer, Span<byte> header)
    {
        int fixedLength = layer.FixedLength;
        if (header.Length <= fixedLength)
        {
            header.Clear();
            return;
        }

        header[..fixedLength].Clear();
        Span<byte> body = header[fixedLength..];
        if (layer.TruncatedTo is null)
        {
            layer.WriteBody(body);
        }
        else
        {
            // Cut: it is written as a whole beside, for no layer to have to care.
            byte[] whole = new byte[layer.BodyLength];
            layer.WriteBody(whole);
            whole.AsSpan(0, body.Length).CopyTo(body);
        }
    }
}
