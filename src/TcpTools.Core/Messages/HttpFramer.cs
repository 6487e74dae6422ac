using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Buffers;

namespace TcpTools.Messages;

/// <summary>
/// HTTP/1 messages, whose end their header section tells (RFC 9112, 6.3): a length, chunks, the end of the connection, or no
/// body at all. A response's interim ones (1xx) belong to it and are cut with it.
/// </summary>
public sealed class HttpFramer : IMessageFramer, IHttpSink
{
    private readonly string? _method;
    private readonly long _mostBody;
    private readonly List<HttpMessage> _interim = [];
    private HttpReader _reader;
    private HttpMessage? _last;
    private int _seen;

    private HttpFramer(string? method, long mostBody)
    {
        _method = method;
        _mostBody = mostBody;
        _reader = MakeReader();
    }

    /// <summary>The message that was cut last; null before. One that the peer broke off is not complete.</summary>
    public HttpMessage? Message { get; private set; }

    /// <summary>The responses that came before the final one, such as 100 Continue.</summary>
    public IReadOnlyList<HttpMessage> InterimResponses => _interim;

    /// <summary>What time it is, for the times of messages: a framer has no clock.</summary>
    public DateTimeOffset Time { get; set; }

    private bool IsRequest => _method is null;

    /// <summary>Cuts responses.</summary>
    /// <param name="method">What they answer: a response to HEAD has no body, one to CONNECT another meaning.</param>
    /// <param name="mostBody">Bytes of a body kept at most; who reads limits the whole message.</param>
    public static HttpFramer OfResponses(string method = "GET", long mostBody = long.MaxValue)
    {
        ArgumentNullException.ThrowIfNull(method);
        return new HttpFramer(method.ToUpperInvariant(), mostBody);
    }

    /// <summary>Cuts requests.</summary>
    /// <param name="mostBody">Bytes of a body kept at most; who reads limits the whole message.</param>
    public static HttpFramer OfRequests(long mostBody = long.MaxValue) => new(null, mostBody);

    /// <inheritdoc/>
    public int Cut(ReadOnlySpan<byte> bytes, bool isEnd)
    {
        ReadOnlySpan<byte> start = _seen == 0 ? bytes.TrimStart("\r\n"u8) : default;
        if (!start.IsEmpty && !HttpLine.LooksLikeStart(start, IsRequest))
        {
            throw NotHttp($"What came begins like no HTTP {(IsRequest ? "request" : "response")}.");
        }

        _seen += _reader.Feed(bytes[Math.Min(_seen, bytes.Length)..], Time);
        if (isEnd && _last is null)
        {
            _reader.Finish();
        }

        if (_last is { } message)
        {
            if (Fault(message) is { } fault)
            {
                throw NotHttp(fault.Message);
            }

            Message = message;
            return message.IsComplete ? _seen : 0;
        }

        return _reader.IsLost ? throw NotHttp("What came is no HTTP message.") : 0;
    }

    /// <inheritdoc/>
    public void Reset()
    {
        _reader = MakeReader();
        _interim.Clear();
        _last = null;
        _seen = 0;
    }

    /// <inheritdoc/>
    HttpFraming IHttpSink.Begin(HttpMessage message, out long length)
    {
        length = 0;
        if (IsRequest)
        {
            return HttpBody.FramingOf(message, out length);
        }

        int status = message.StatusCode;
        if (status == 101 || (_method == "CONNECT" && status is >= 200 and < 300))
        {
            return HttpFraming.Tunnel;
        }

        return status is >= 100 and < 200 or 204 or 304 || _method == "HEAD"
            ? HttpFraming.None
            : HttpBody.FramingOf(message, out length);
    }

    /// <inheritdoc/>
    bool IHttpSink.End(HttpMessage message)
    {
        if (!IsRequest && message.StatusCode is >= 100 and < 200 and not 101 && message.IsComplete)
        {
            _interim.Add(message);
            if (_interim.Count <= 100)
            {
                return true;
            }
        }

        _last = message;
        return false;
    }

    /// <summary>What makes it impossible to tell where a message ends.</summary>
    private static HttpAnomaly? Fault(HttpMessage message) => message.Anomalies.FirstOrDefault(static anomaly => anomaly.Kind
        is HttpAnomalyKind.BadStartLine or HttpAnomalyKind.HeaderTooLong or HttpAnomalyKind.BadLength or HttpAnomalyKind.BadChunk
        or HttpAnomalyKind.BadTransferEncoding);

    private static StackException NotHttp(string message) => new(
        StackError.InvalidData, message, "Receive-TcpData reads what came as it is, and so does -As Raw.");

    private HttpReader MakeReader() => new(IsRequest, _mostBody, new KeptBudget(long.MaxValue), this);
}
