using System;
using System.Collections.Generic;
using System.Text;
using TcpTools.Buffers;

namespace TcpTools.Messages;

/// <summary>One header field (RFC 9110, 5).</summary>
/// <param name="Name">Its name, as it was written.</param>
/// <param name="Value">Its value, without blanks around it.</param>
public sealed record HttpHeader(string Name, string Value)
{
    /// <summary>name: value.</summary>
    public override string ToString() => $"{Name}: {Value}";
}

/// <summary>What can be wrong with an HTTP message.</summary>
public enum HttpAnomalyKind
{
    /// <summary>The first line is neither a request's nor a response's.</summary>
    BadStartLine,

    /// <summary>A header line without a name, folded, or with a blank before its colon.</summary>
    BadHeader,

    /// <summary>More header bytes than are kept.</summary>
    HeaderTooLong,

    /// <summary>A Content-Length that is no number, or several that differ (RFC 9112, 6.3).</summary>
    BadLength,

    /// <summary>Content-Length and Transfer-Encoding together: a sign of request smuggling (RFC 9112, 6.1).</summary>
    LengthAndChunked,

    /// <summary>A Transfer-Encoding whose last coding is not chunked, in a request.</summary>
    BadTransferEncoding,

    /// <summary>A chunk whose size or end is none.</summary>
    BadChunk,

    /// <summary>Bytes of the message are missing in the stream.</summary>
    Gap,

    /// <summary>The stream ended before the message did.</summary>
    Truncated,

    /// <summary>The body has more bytes than are kept.</summary>
    BodyCut,

    /// <summary>A response to a request that was not seen.</summary>
    NoRequest,
}

/// <summary>One thing that is wrong with an HTTP message, as data.</summary>
/// <param name="Kind">What is wrong.</param>
/// <param name="Message">The same for people.</param>
public sealed record HttpAnomaly(HttpAnomalyKind Kind, string Message)
{
    /// <summary>The message.</summary>
    public override string ToString() => Message;
}

/// <summary>An HTTP/1 request or response as it went over a stream (RFC 9112).</summary>
public sealed class HttpMessage
{
    private readonly StreamBytes _body = new();
    private readonly List<HttpHeader> _headers = [];
    private readonly List<HttpHeader> _trailers = [];
    private readonly List<HttpAnomaly> _anomalies = [];
    private byte[]? _bodyCopy;
    private byte[]? _content;

    internal HttpMessage(bool isRequest, string startLine, DateTimeOffset time)
    {
        IsRequest = isRequest;
        StartLine = startLine;
        StartTime = time;
        EndTime = StartTime;
    }

    /// <summary>Whether it is a request.</summary>
    public bool IsRequest { get; }

    /// <summary>The first line.</summary>
    public string StartLine { get; }

    /// <summary>A request's method; empty in responses.</summary>
    public string Method { get; internal set; } = "";

    /// <summary>What a request asks for; empty in responses.</summary>
    public string Target { get; internal set; } = "";

    /// <summary>A response's status; 0 in requests.</summary>
    public int StatusCode { get; internal set; }

    /// <summary>A response's words for its status; empty in requests.</summary>
    public string Reason { get; internal set; } = "";

    /// <summary>The version: 1.0 or 1.1.</summary>
    public string Version { get; internal set; } = "";

    /// <summary>The header fields in their order.</summary>
    public IReadOnlyList<HttpHeader> Headers => _headers;

    /// <summary>The fields behind a chunked body.</summary>
    public IReadOnlyList<HttpHeader> Trailers => _trailers;

    /// <summary>The body as it was sent, chunks put together. At most what was to be kept.</summary>
    public byte[] Body => _bodyCopy is { } copy && copy.Length == _body.Length ? copy : _bodyCopy = _body.Copy(0, _body.Length);

    /// <summary>How long the body was on its way, what is missing or was not kept included.</summary>
    public long BodyLength { get; internal set; }

    /// <summary>Whether it came to its end.</summary>
    public bool IsComplete { get; internal set; }

    /// <summary>What is wrong with it.</summary>
    public IReadOnlyList<HttpAnomaly> Anomalies => _anomalies;

    /// <summary>When its first byte was seen.</summary>
    public DateTimeOffset StartTime { get; }

    /// <summary>When its last byte was seen.</summary>
    public DateTimeOffset EndTime { get; internal set; }

    /// <summary>The media type without parameters, in lower case; empty without.</summary>
    public string ContentType => (Header("Content-Type") ?? "").Split(';')[0].Trim().ToLowerInvariant();

    /// <summary>
    /// The body with its content codings (gzip, deflate, br) undone, as far as it can be; with others, the body. Made once.
    /// </summary>
    public byte[] Content => _content ??= HttpContent.Decode(Body, HeaderValues("Content-Encoding"));

    /// <summary><see cref="Content"/> as text, in the encoding that the content type names, else UTF-8.</summary>
    public string Text => HttpContent.EncodingOf(Header("Content-Type")).GetString(Content);

    /// <summary>The first value of a header field, whatever the case of its name; null without.</summary>
    public string? Header(string name)
    {
        foreach (HttpHeader header in _headers)
        {
            if (header.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return header.Value;
            }
        }

        return null;
    }

    /// <summary>All values of a header field that is a list, in order (RFC 9110, 5.6.1).</summary>
    public IReadOnlyList<string> HeaderValues(string name)
    {
        List<string> values = [];
        foreach (HttpHeader header in _headers)
        {
            if (header.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                values.AddRange(header.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
            }
        }

        return values;
    }

    /// <summary>The first line and what of the body there is.</summary>
    public override string ToString() => BodyLength == 0 ? StartLine : $"{StartLine} ({BodyLength} bytes)";

    internal void Add(HttpHeader header, bool isTrailer) => (isTrailer ? _trailers : _headers).Add(header);

    /// <summary>A folded line goes on with the value before (RFC 9112, 5.2).</summary>
    internal void Continue(string text, bool isTrailer)
    {
        List<HttpHeader> list = isTrailer ? _trailers : _headers;
        if (list.Count > 0)
        {
            list[^1] = list[^1] with { Value = $"{list[^1].Value} {text}" };
        }
    }

    internal void Report(HttpAnomalyKind kind, string message)
    {
        if (_anomalies.Count < 20)
        {
            _anomalies.Add(new HttpAnomaly(kind, message));
        }
    }

    /// <summary>Bytes of the body that are kept.</summary>
    internal long KeptLength => _body.Length;

    internal void AddBody(ReadOnlySpan<byte> data, long limit, KeptBudget budget)
    {
        BodyLength += data.Length;
        int count = (int)Math.Clamp(Math.Min(limit - _body.Length, budget.Left), 0, data.Length);
        budget.Take(count);
        if (count < data.Length && (_anomalies.Count == 0 || _anomalies[^1].Kind != HttpAnomalyKind.BodyCut))
        {
            Report(HttpAnomalyKind.BodyCut, $"only the first {_body.Length + count} bytes of the body were kept");
        }

        _body.Append(data[..count]);
    }
}
