using System;
using System.Collections.Generic;
using System.Globalization;

namespace TcpTools.Messages;

/// <summary>Where an HTTP body ends.</summary>
internal enum HttpFraming
{
    None,
    Length,
    Chunked,
    UntilClose,

    /// <summary>What follows is another protocol (RFC 9110, 7.8 and 9.3.6).</summary>
    Tunnel,
}

/// <summary>What a header section says about its body.</summary>
internal static class HttpBody
{
    /// <summary>Where the body ends, by RFC 9112, 6.3.</summary>
    public static HttpFraming FramingOf(HttpMessage message, out long length)
    {
        IReadOnlyList<string> codings = message.HeaderValues("Transfer-Encoding");
        IReadOnlyList<string> lengths = message.HeaderValues("Content-Length");
        length = 0;
        if (codings.Count > 0)
        {
            if (lengths.Count > 0)
            {
                message.Report(HttpAnomalyKind.LengthAndChunked, "Content-Length and Transfer-Encoding contradict each other");
            }

            if (codings[^1].Equals("chunked", StringComparison.OrdinalIgnoreCase))
            {
                return HttpFraming.Chunked;
            }

            if (message.IsRequest)
            {
                message.Report(HttpAnomalyKind.BadTransferEncoding, "the end of the body cannot be known");
            }

            return HttpFraming.UntilClose;
        }

        if (lengths.Count == 0)
        {
            return message.IsRequest ? HttpFraming.None : HttpFraming.UntilClose;
        }

        foreach (string text in lengths)
        {
            if (text != lengths[0] || !long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out length))
            {
                message.Report(HttpAnomalyKind.BadLength, $"'{text}' is no length");
                return HttpFraming.UntilClose;
            }
        }

        return HttpFraming.Length;
    }
}
