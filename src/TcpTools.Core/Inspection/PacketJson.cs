using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.Inspection;

/// <summary>
/// A packet as JSON: an object with a member for each layer, in it one for each field. What there can be several of, such
/// as options, is an array; bytes are hexadecimal digits, addresses text, control bits letters.
/// </summary>
public static class PacketJson
{
    private static readonly JsonWriterOptions s_indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonWriterOptions s_compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The packet as JSON text, on several lines or on one.</summary>
    public static string Render(IEnumerable<PacketField> layers, bool isCompact = false)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream, isCompact ? s_compact : s_indented))
        {
            WriteObject(writer, layers);
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void WriteObject(Utf8JsonWriter writer, IEnumerable<PacketField> fields)
    {
        writer.WriteStartObject();
        foreach (IGrouping<string, PacketField> group in fields.GroupBy(field => field.IsLayer ? field.Name : WithoutIndex(field.Name)))
        {
            writer.WritePropertyName(group.Key);
            if (group.First().Name == group.Key)
            {
                WriteValue(writer, group.First());
                continue;
            }

            writer.WriteStartArray();
            foreach (PacketField element in group)
            {
                WriteValue(writer, element);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private static void WriteValue(Utf8JsonWriter writer, PacketField field)
    {
        if (field.IsLayer || field.Fields.Count > 0)
        {
            WriteObject(writer, field.Fields);
            return;
        }

        switch (field.Value)
        {
            case null:
                writer.WriteNullValue();
                break;
            case bool value:
                writer.WriteBooleanValue(value);
                break;
            case byte or ushort or uint or ulong or int or long:
                writer.WriteNumberValue(Convert.ToDecimal(field.Value, CultureInfo.InvariantCulture));
                break;
            case TcpFlags flags:
                writer.WriteStringValue(TcpFlagsText.ToLetters(flags));
                break;
            case byte[] bytes:
                writer.WriteStringValue(Convert.ToHexStringLower(bytes));
                break;
            default:
                writer.WriteStringValue(field.Value.ToString());
                break;
        }
    }

    private static string WithoutIndex(string name)
    {
        int bracket = name.IndexOf('[', StringComparison.Ordinal);
        return bracket < 0 ? name : name[..bracket];
    }
}
