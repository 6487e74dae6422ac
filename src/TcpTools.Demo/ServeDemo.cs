using System;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using TcpTools.Links;
using TcpTools.Stack;
using TcpTools.Wire;

namespace TcpTools.Demo;

/// <summary>The other way round: our stack serves a page on a TUN device of this machine, for curl or a browser to fetch.</summary>
internal static class ServeDemo
{
    public static void Run(Report report, CancellationToken cancellationToken)
    {
        using TcpStack stack = TcpStack.Start(new TcpStackOptions
        {
            Name = "serve",
            Link = TunLink.Open(new TunOptions { Address = InterfaceAddress.Parse("10.9.0.1/24") }),
            Addresses = [InterfaceAddress.Parse("10.9.0.2/24")],
        });
        using TcpListener listener = stack.Listen(new ListenOptions { Port = 80 });
        byte[] page = Encoding.ASCII.GetBytes("<!doctype html>\n<title>TcpTools</title>\n<p>Served by a TCP of our own.</p>\n");
        report.Say("Serving at http://10.9.0.2/ until interrupted.");
        while (listener.Accept(Timeout.InfiniteTimeSpan, cancellationToken) is { } session)
        {
            _ = Task.Run(() => ServeOne(session, page, cancellationToken), cancellationToken);
        }
    }

    private static void ServeOne(TcpSession session, byte[] page, CancellationToken cancellationToken)
    {
        try
        {
            using (session)
            {
                PageRequest.Serve(session, page, cancellationToken);
            }
        }
        catch (Exception failure) when (failure is StackException or OperationCanceledException)
        {
            // One client's trouble, or the end of the demo; the others go on.
        }
    }
}
