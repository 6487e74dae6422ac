using System;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using TcpTools.Links;
using TcpTools.Stack;
using TcpTools.Wire;

namespace TcpTools.Demo;

/// <summary>The same exchange without root: two stacks of ours on a wire in memory, one of them serving the page.</summary>
internal static class WireDemo
{
    private const int Port = 80;

    public static void Run(Report report, CancellationToken cancellationToken)
    {
        byte[] page = Encoding.ASCII.GetBytes(
            "<!doctype html>\n<title>TcpTools</title>\n" + string.Concat(System.Linq.Enumerable.Repeat("<p>Carried on both sides by a TCP of our own.</p>\n", 100)));
        NetworkAddress serverAddress = NetworkAddress.Parse("10.9.0.1");
        PacketWire wire = new();
        using TcpStack server = Start("server", wire.A, "10.9.0.1/24");
        using TcpStack client = Start("client", wire.B, "10.9.0.2/24");
        using TcpListener listener = server.Listen(new ListenOptions { Port = Port });
        Task serving = Task.Factory.StartNew(
            () =>
            {
                for (int i = 0; i < Exchange.Fetches; i++)
                {
                    using TcpSession session = listener.Accept(TimeSpan.FromSeconds(10), cancellationToken)
                        ?? throw new StackException(StackError.TimedOut, "Nobody connected to the demo's own server.");
                    PageRequest.Serve(session, page, cancellationToken);
                }
            },
            cancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        report.Say($"Two stacks on a wire in memory: one serves at {serverAddress}:{Port}, the other fetches.");
        Exchange.Run(client, serverAddress, Port, page, report, cancellationToken);
        serving.Wait(cancellationToken);
        client.Stop();
        server.Stop();
        report.Check(
            client.Sessions.Count == 0 && server.Sessions.Count == 0 && client.PendingTimers == 0 && server.PendingTimers == 0,
            "nothing is left behind: no session and no timer in either stack");
    }

    private static TcpStack Start(string name, ILink link, string address) => TcpStack.Start(new TcpStackOptions
    {
        Name = name,
        Link = link,
        Addresses = [InterfaceAddress.Parse(address)],
        Trace = true,
    });
}
