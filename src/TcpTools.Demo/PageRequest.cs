using System;
using System.IO;
using System.Text;
using System.Threading;
using TcpTools.Stack;

namespace TcpTools.Demo;

/// <summary>Fetches one page over a session, as plainly as HTTP allows.</summary>
internal static class PageRequest
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    /// <summary>What came back.</summary>
    /// <param name="StatusLine">The first line of the answer.</param>
    /// <param name="Body">What follows the header's empty line.</param>
    internal sealed record Answer(string StatusLine, byte[] Body);

    /// <summary>Asks for <c>/</c> and reads until the server has finished.</summary>
    public static Answer Fetch(TcpSession session, string host, CancellationToken cancellationToken)
    {
        string request = $"GET / HTTP/1.1\r\nHost: {host}\r\nUser-Agent: TcpTools\r\nConnection: close\r\n\r\n";
        session.WriteAll(Encoding.ASCII.GetBytes(request), s_limit, cancellationToken);
        using MemoryStream answer = new();
        byte[] buffer = new byte[65536];
        for (int count = session.ReadSome(buffer, s_limit, cancellationToken);
             count > 0;
             count = session.ReadSome(buffer, s_limit, cancellationToken))
        {
            answer.Write(buffer, 0, count);
        }

        return Split(answer.ToArray());
    }

    /// <summary>Answers one request with a page, whatever was asked for, and closes.</summary>
    public static void Serve(TcpSession session, byte[] page, CancellationToken cancellationToken)
    {
        byte[] request = new byte[8192];
        int length = 0;
        while (request.AsSpan(0, length).IndexOf("\r\n\r\n"u8) < 0)
        {
            int count = length == request.Length ? 0 : session.ReadSome(request.AsSpan(length), s_limit, cancellationToken);
            if (count == 0)
            {
                session.Abort();
                return;
            }

            length += count;
        }

        string head = $"HTTP/1.1 200 OK\r\nServer: TcpTools\r\nContent-Type: text/html\r\nContent-Length: {page.Length}\r\nConnection: close\r\n\r\n";
        session.WriteAll(Encoding.ASCII.GetBytes(head), s_limit, cancellationToken);
        session.WriteAll(page, s_limit, cancellationToken);
        session.Shutdown();
        session.WaitFor(SessionCondition.PeerFinished, s_limit, cancellationToken);
        session.Close();
    }

    private static Answer Split(byte[] answer)
    {
        int empty = answer.AsSpan().IndexOf("\r\n\r\n"u8);
        if (empty < 0)
        {
            throw new InvalidDataException("The answer has no end of its header.");
        }

        string head = Encoding.ASCII.GetString(answer, 0, empty);
        return new Answer(head.Split("\r\n")[0], answer[(empty + 4)..]);
    }
}
