using System;
using System.Collections.Generic;
using TcpTools.Messages;

namespace TcpTools.Streams;

/// <summary>A request with its response, as they went over a stream.</summary>
public sealed class HttpExchange
{
    private readonly List<HttpMessage> _interim = [];

    internal HttpExchange(TcpStream stream, int number, HttpMessage? request)
    {
        Stream = stream;
        Number = number;
        Request = request;
    }

    /// <summary>The stream.</summary>
    public TcpStream Stream { get; }

    /// <summary>Which exchange of the stream it is, counted from 1.</summary>
    public int Number { get; }

    /// <summary>The request; null when it was not seen.</summary>
    public HttpMessage? Request { get; }

    /// <summary>The final response; null when there was none.</summary>
    public HttpMessage? Response { get; internal set; }

    /// <summary>Responses before the final one, such as 100 Continue.</summary>
    public IReadOnlyList<HttpMessage> InterimResponses => _interim;

    /// <summary>The request's method; empty when it was not seen.</summary>
    public string Method => Request?.Method ?? "";

    /// <summary>What was asked for, with the host where the request names one.</summary>
    public string Url => Request is null ? ""
        : Request.Target.StartsWith('/') && Request.Header("Host") is { } host ? $"http://{host}{Request.Target}"
        : Request.Target;

    /// <summary>The response's status; 0 without a response.</summary>
    public int StatusCode => Response?.StatusCode ?? 0;

    /// <summary>When the request's first byte was seen, or the response's.</summary>
    public DateTimeOffset StartTime => (Request ?? Response)!.StartTime;

    /// <summary>From the end of the request to the first byte of the response; null without one of them.</summary>
    public TimeSpan? Latency => Request is not null && Response is not null ? Response.StartTime - Request.EndTime : null;

    /// <summary>From the first byte of the request to the last of the response; null without one of them.</summary>
    public TimeSpan? Duration => Request is not null && Response is not null ? Response.EndTime - Request.StartTime : null;

    /// <summary>Whether both messages came to their ends.</summary>
    public bool IsComplete => Request is { IsComplete: true } && Response is { IsComplete: true };

    /// <summary>method url status.</summary>
    public override string ToString() => $"{Request?.StartLine ?? "?"} -> {Response?.StartLine ?? "?"}";

    internal void AddInterim(HttpMessage message) => _interim.Add(message);
}
