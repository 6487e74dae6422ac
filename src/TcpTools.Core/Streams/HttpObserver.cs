using System;
using TcpTools.Buffers;

namespace TcpTools.Streams;

/// <summary>Finds HTTP/1 requests and responses on streams and hands them over in pairs.</summary>
/// <param name="found">Takes each exchange when both messages have ended.</param>
/// <param name="strange">Takes what is strange about the streams themselves; null for nobody.</param>
/// <param name="maximumBody">Bytes of each body kept at most.</param>
public sealed class HttpObserver(
    Action<HttpExchange> found, Action<StreamAnomaly>? strange = null, long maximumBody = HttpObserver.DefaultMaximumBody) : TcpStreamObserver
{
    /// <summary>Bytes kept of a body unless said otherwise.</summary>
    public const long DefaultMaximumBody = 16L * 1024 * 1024;

    private readonly KeptBudget _budget = new(TcpStreamRecorder.DefaultMaximumTotalBytes);

    /// <inheritdoc/>
    public override void Data(TcpStream stream, in StreamData data)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (stream.Tag is not HttpConversation conversation)
        {
            conversation = new HttpConversation(stream, maximumBody, _budget, found);
            stream.Tag = conversation;
        }

        conversation.Feed(data);
    }

    /// <inheritdoc/>
    public override void Gap(TcpStream stream, StreamGap gap) => (stream?.Tag as HttpConversation)?.Skip(gap);

    /// <inheritdoc/>
    public override void Finished(TcpStream stream, StreamDirection direction) => (stream?.Tag as HttpConversation)?.Finish(direction);

    /// <inheritdoc/>
    public override void Ended(TcpStream stream)
    {
        (stream?.Tag as HttpConversation)?.End();
        if (stream is not null)
        {
            stream.Tag = null;
        }
    }

    /// <inheritdoc/>
    public override void Anomaly(StreamAnomaly anomaly) => strange?.Invoke(anomaly);
}
