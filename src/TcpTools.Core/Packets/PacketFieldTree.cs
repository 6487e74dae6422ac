using System;
using System.Collections.Generic;
using System.Globalization;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>The fields of a packet, layer by layer, with the places they have in its bytes.</summary>
internal static class PacketFieldTree
{
    /// <summary>A field for each layer, outermost first.</summary>
    public static List<PacketField> Describe(Packet packet) => Describe(packet, packet.ToBytes(), 0, "");

    /// <summary>The same for a packet that lies in another one's bytes, where it may be cut.</summary>
    public static List<PacketField> Describe(Packet packet, ReadOnlyMemory<byte> bytes, int start, string path)
    {
        List<PacketField> result = [];
        Dictionary<string, int> seen = [];
        int offset = 0;
        int trailers = TotalTrailers(packet, bytes.Length, out int content);
        for (int i = 0; i < packet.Layers.Count; i++)
        {
            PacketLayer layer = packet.Layers[i];
            int length = layer.BuiltLength;
            string name = layer.Name;
            int count = seen[name] = seen.GetValueOrDefault(name) + 1;
            name = count == 1 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}[{count - 1}]");

            // Trailers follow all that lies inside: that of the innermost layer first.
            trailers -= layer.Trailer.Length;
            Add(result, layer, name, path, bytes, start, (offset, length), content + trailers);
            offset += length;
        }

        return result;
    }

    private static int TotalTrailers(Packet packet, int available, out int content)
    {
        int trailers = 0;
        content = 0;
        foreach (PacketLayer layer in packet.Layers)
        {
            trailers += layer.Trailer.Length;
            content += layer.BuiltLength;
        }

        content = Math.Min(content, available);
        return trailers;
    }

    private static void Add(
        List<PacketField> result,
        PacketLayer layer,
        string name,
        string path,
        ReadOnlyMemory<byte> bytes,
        int start,
        (int Offset, int Length) header,
        int trailer)
    {
        int from = Math.Min(header.Offset, bytes.Length);
        int to = Math.Min(header.Offset + header.Length, bytes.Length);
        FieldSink sink = new(bytes[from..to], start + from, path + name);
        layer.Describe(sink);
        List<PacketField> fields = sink.Finish();
        int end = Math.Min(trailer + layer.Trailer.Length, bytes.Length);
        if (trailer < end)
        {
            FieldSink behind = new(bytes[trailer..end], start + trailer, path + name);
            behind.Data(nameof(PacketLayer.Trailer), 0);
            fields.AddRange(behind.Finish());
        }

        result.Add(new PacketField
        {
            Name = name,
            Path = path + name,
            Value = layer,
            Text = layer.ToString() ?? "",
            BitOffset = (start + from) * 8,
            BitLength = (to - from) * 8,
            Fields = fields,
        });
    }
}
