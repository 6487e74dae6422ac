using System;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Threading;
using TcpTools.Stack;
using TcpTools.Tcp;
using TcpTools.Wire;

namespace TcpTools.Demo;

/// <summary>The part that both demos share: open, fetch, close, and look at what passed.</summary>
internal static class Exchange
{
    private const int LongestLadder = 30;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    /// <summary>How often <see cref="Run"/> fetches the page.</summary>
    public const int Fetches = 2;

    /// <summary>
    /// Fetches the page from the server with the stack, tells of it, and checks what the stack itself can know. What is told
    /// of is the second fetch: in the first one, the time goes to the compiler.
    /// </summary>
    public static void Run(TcpStack stack, NetworkAddress server, int port, byte[] page, Report report, CancellationToken cancellationToken)
    {
        _ = FetchOnce(stack, server, port, cancellationToken);
        stack.Trace!.Clear();
        Result result = FetchOnce(stack, server, port, cancellationToken);
        TcpSession session = result.Session;
        PageRequest.Answer answer = result.Answer;
        report.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"{session.LocalAddress}:{session.LocalPort} opened a session to {server}:{port} in {result.Handshake.TotalMilliseconds:F2} ms, fetched {answer.Body.Length} bytes, and was done after {result.Total.TotalMilliseconds:F2} ms.\n"));
        SegmentRecord[] segments = [.. stack.Trace.Snapshot()];
        report.Say(SegmentLadder.Render(segments, LongestLadder));
        report.Say("\nVerified:");
        report.Check(
            answer.StatusLine.Contains(" 200 ", StringComparison.Ordinal) && answer.Body.AsSpan().SequenceEqual(page),
            $"the page is what the server was given, byte for byte ({answer.StatusLine})");
        report.Check(
            result.IsClosed && session.CloseReason == TcpCloseReason.Finished,
            "both sides closed in order, each FIN acknowledged");
        report.Check(
            !segments.Any(segment => (segment.Flags & TcpFlags.Rst) != 0),
            $"no RST among the {segments.Length} segments");
    }
    private static Result FetchOnce(TcpStack stack, NetworkAddress server, int port, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        using TcpSession session = stack.Connect(new ConnectOptions { RemoteAddress = server, RemotePort = port });
        if (!session.WaitFor(SessionCondition.Established, s_limit, cancellationToken))
        {
            throw new StackException(StackError.ConnectionTimedOut, $"No connection: {session.CloseReason}.");
        }

        TimeSpan handshake = Stopwatch.GetElapsedTime(start);
        PageRequest.Answer answer = PageRequest.Fetch(session, server.ToString(), cancellationToken);
        session.Close();
        bool isClosed = session.WaitFor(SessionCondition.Closed, s_limit, cancellationToken);
        return new Result(session, answer, handshake, Stopwatch.GetElapsedTime(start), isClosed);
    }

    private sealed record Result(
        TcpSession Session, PageRequest.Answer Answer, TimeSpan Handshake, TimeSpan Total, bool IsClosed);
}
