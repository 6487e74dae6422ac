using System;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using TcpTools.Lab;
using TcpTools.Links;
using TcpTools.Stack;
using TcpTools.Wire;

namespace TcpTools.Benchmarks;

/// <summary>
/// One server namespace with two ways to it: a TUN device with our stack behind it, and a pair of veth devices with the
/// kernel's TCP of a second namespace behind it. Both clients use the same servers.
/// </summary>
internal sealed class Arena : IDisposable
{
    public const int SinkPort = 5001;
    public const int SourcePort = 5002;
    public const int EchoPort = 5003;
    public const int ClosePort = 5004;

    private readonly LabNamespace _server = LabNamespace.Create();
    private readonly LabNamespace _client = LabNamespace.Create();
    private long _sunk;

    public Arena()
    {
        LabNamespace.Join(_client, "10.8.0.2/24", _server, "10.8.0.1/24");
        Stack = TcpStack.Start(new TcpStackOptions
        {
            Name = "bench",
            Link = TunLink.Open(new TunOptions
            {
                NetworkNamespace = _server.Name,
                Address = InterfaceAddress.Parse("10.9.0.1/24"),
            }),
            Addresses = [InterfaceAddress.Parse("10.9.0.2/24")],
        });
        Serve(SinkPort, Sink);
        Serve(SourcePort, Source);
        Serve(EchoPort, KernelServer.Echo);
        Serve(ClosePort, static _ => { }, onOneThread: true);
    }

    public TcpStack Stack { get; }

    /// <summary>Bytes that have arrived at the sink so far.</summary>
    public long Sunk => Interlocked.Read(ref _sunk);

    /// <summary>Connects our stack to one of the servers.</summary>
    public TcpSession ConnectOurs(int port)
    {
        TcpSession session = Stack.Connect(
            new ConnectOptions { RemoteAddress = NetworkAddress.Parse("10.9.0.1"), RemotePort = port });
        return session.WaitFor(SessionCondition.Established, TimeSpan.FromSeconds(5))
            ? session
            : throw new StackException(StackError.ConnectionTimedOut, $"No connection to port {port}: {session.CloseReason}.");
    }

    /// <summary>Connects the kernel's TCP to one of the servers.</summary>
    public Socket ConnectKernel(int port) => KernelSocket.Connect(_client, IPAddress.Parse("10.8.0.1"), port);

    /// <summary>Runs code on a thread inside the client's namespace, where it can make sockets of its own.</summary>
    public T InClient<T>(Func<T> action) => _client.Do(action);

    public void Dispose()
    {
        Stack.Dispose();
        _client.Dispose();
        _server.Dispose();
    }

    private void Serve(int port, Action<Socket> serve, bool onOneThread = false) =>
        _server.Adopt(KernelServer.Start(_server, IPAddress.Any, port, serve, onOneThread));

    private void Sink(Socket socket)
    {
        byte[] buffer = new byte[1 << 18];
        for (int count = socket.Receive(buffer); count > 0; count = socket.Receive(buffer))
        {
            Interlocked.Add(ref _sunk, count);
        }
    }

    private static void Source(Socket socket)
    {
        byte[] data = RepeatableData.Make(1 << 18);
        try
        {
            while (socket.Send(data) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // The client has had enough.
        }
    }
}
