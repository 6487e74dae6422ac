using System;
using System.Collections.Generic;
using TcpTools.Buffers;
using TcpTools.Messages;

namespace TcpTools.Streams;

/// <summary>
/// Finds the requests and responses of one stream and pairs them (RFC 9112, 9.3): pipelining, interim responses, HEAD,
/// tunnels. An exchange is handed over when its response and its request have ended, in the order of requests.
/// </summary>
/// <param name="stream">The stream.</param>
/// <param name="maximumBody">Bytes of each body kept at most.</param>
/// <param name="budget">Bytes kept of all bodies that have not been handed over.</param>
/// <param name="found">Takes exchanges.</param>
internal sealed class HttpConversation(TcpStream stream, long maximumBody, KeptBudget budget, Action<HttpExchange> found) : IHttpSink
{
    /// <summary>Requests that may wait for their response.</summary>
    private const int MaximumPending = 1000;

    private readonly Queue<HttpExchange> _pending = new();
    private HttpReader? _requests;
    private HttpReader? _responses;
    private HttpExchange? _current;
    private int _count;
    private bool _isOther;

    public void Feed(in StreamData data)
    {
        if (_isOther)
        {
            return;
        }

        bool isRequest = data.Direction == StreamDirection.FromClient;
        if (_requests is null || _responses is null)
        {
            if (!HttpLine.LooksLikeStart(data.Bytes, isRequest))
            {
                // Neither this nor what follows is HTTP, unless it began before it was looked at.
                _isOther = !stream.IsMidstream;
                return;
            }

            _requests = new HttpReader(true, maximumBody, budget, this);
            _responses = new HttpReader(false, maximumBody, budget, this);
        }

        (isRequest ? _requests : _responses).Feed(data.Bytes, StreamTime.ToDateTimeOffset(data.Time));
        _isOther = _requests.IsTunnel && _responses.IsTunnel;
    }

    public void Skip(StreamGap gap) =>
        (gap.Direction == StreamDirection.FromClient ? _requests : _responses)?.Skip(gap.Length);

    public void Finish(StreamDirection direction) =>
        (direction == StreamDirection.FromClient ? _requests : _responses)?.Finish();

    /// <summary>The stream has ended: so has every message.</summary>
    public void End()
    {
        _requests?.Finish();
        _responses?.Finish();
        while (_pending.TryDequeue(out HttpExchange? exchange))
        {
            Hand(exchange);
        }
    }

    /// <inheritdoc/>
    HttpFraming IHttpSink.Begin(HttpMessage message, out long length)
    {
        length = 0;
        if (message.IsRequest)
        {
            _pending.Enqueue(new HttpExchange(stream, ++_count, message));
            if (_pending.Count > MaximumPending)
            {
                Hand(_pending.Dequeue());
            }

            return HttpBody.FramingOf(message, out length);
        }

        if (!_pending.TryPeek(out _current))
        {
            message.Report(HttpAnomalyKind.NoRequest, "no request was seen that this answers");
            _current = new HttpExchange(stream, ++_count, null);
            _pending.Enqueue(_current);
        }

        if (message.StatusCode is >= 100 and < 200 and not 101)
        {
            _current.AddInterim(message);
            return HttpFraming.None;
        }

        _current.Response = message;
        string method = _current.Method;
        if (message.StatusCode == 101 || (method == "CONNECT" && message.StatusCode is >= 200 and < 300))
        {
            return HttpFraming.Tunnel;
        }

        return method == "HEAD" || message.StatusCode is 204 or 304 ? HttpFraming.None : HttpBody.FramingOf(message, out length);
    }

    /// <inheritdoc/>
    bool IHttpSink.End(HttpMessage message)
    {
        if (!message.IsRequest && message.StatusCode == 101)
        {
            _requests!.BecomeTunnel();
        }
        else if (!message.IsRequest && _current is { Method: "CONNECT" } && message.StatusCode is >= 200 and < 300)
        {
            _requests!.BecomeTunnel();
        }

        // A response may overtake the end of its request's body; both are awaited.
        while (_pending.TryPeek(out HttpExchange? first) && first.Response is { } response && HasEnded(response, message)
            && (first.Request is null || HasEnded(first.Request, message)))
        {
            _pending.Dequeue();
            Hand(first);
        }

        return true;
    }

    private void Hand(HttpExchange exchange)
    {
        budget.GiveBack((exchange.Request?.KeptLength ?? 0) + (exchange.Response?.KeptLength ?? 0));
        found(exchange);
    }

    /// <summary>Whether nothing more comes of a message: it is whole, has just ended, or broke off.</summary>
    private static bool HasEnded(HttpMessage message, HttpMessage justEnded)
    {
        if (message.IsComplete || message == justEnded)
        {
            return true;
        }

        foreach (HttpAnomaly anomaly in message.Anomalies)
        {
            if (anomaly.Kind is HttpAnomalyKind.Truncated or HttpAnomalyKind.BadChunk or HttpAnomalyKind.HeaderTooLong or HttpAnomalyKind.BadStartLine)
            {
                return true;
            }
        }

        return false;
    }
}
