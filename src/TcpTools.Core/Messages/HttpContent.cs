using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Text;

namespace TcpTools.Messages;

/// <summary>Content codings (RFC 9110, 8.4) and charsets.</summary>
internal static class HttpContent
{
    /// <summary>What a body may unpack to: a bomb is cut here.</summary>
    public const int MaximumBytes = 64 * 1024 * 1024;

    private const int MaximumCodings = 4;

    /// <summary>Undoes codings, the last one first. What is damaged gives what comes before the damage.</summary>
    public static byte[] Decode(byte[] body, IReadOnlyList<string> codings)
    {
        if (codings.Count > MaximumCodings)
        {
            return body;
        }

        for (int i = codings.Count - 1; i >= 0; i--)
        {
            Func<Stream, Stream>? open = codings[i].ToLowerInvariant() switch
            {
                "gzip" or "x-gzip" => s => new GZipStream(s, CompressionMode.Decompress),
                "br" => s => new BrotliStream(s, CompressionMode.Decompress),
                // Meant is zlib's format; some send the bare one (RFC 9110, 8.4.1.2).
                "deflate" when IsZlib(body) => s => new ZLibStream(s, CompressionMode.Decompress),
                "deflate" => s => new DeflateStream(s, CompressionMode.Decompress),
                _ => null,
            };
            if (open is null)
            {
                if (codings[i].Equals("identity", StringComparison.OrdinalIgnoreCase))
                {
                    continue;
                }

                return body;
            }

            body = Unpack(body, open);
        }

        return body;
    }

    /// <summary>The encoding that a content type names; UTF-8 without, or where it is unknown.</summary>
    public static Encoding EncodingOf(string? contentType)
    {
        int at = contentType?.IndexOf("charset=", StringComparison.OrdinalIgnoreCase) ?? -1;
        if (at < 0)
        {
            return Encoding.UTF8;
        }

        try
        {
            return Encoding.GetEncoding(contentType![(at + 8)..].Split(';')[0].Trim(' ', '"', '\''));
        }
        catch (ArgumentException)
        {
            return Encoding.UTF8;
        }
    }

    private static bool IsZlib(byte[] body) => body.Length >= 2 && (body[0] & 15) == 8 && ((body[0] << 8) | body[1]) % 31 == 0;

    private static byte[] Unpack(byte[] body, Func<Stream, Stream> open)
    {
        using MemoryStream unpacked = new();
        byte[] block = new byte[16384];
        try
        {
            using Stream stream = open(new MemoryStream(body));
            for (int read; unpacked.Length < MaximumBytes && (read = stream.Read(block)) > 0;)
            {
                unpacked.Write(block, 0, read);
            }
        }
        catch (Exception e) when (e is InvalidDataException or IOException or InvalidOperationException)
        {
            // What came before the damage is good.
        }

        return unpacked.ToArray();
    }
}
