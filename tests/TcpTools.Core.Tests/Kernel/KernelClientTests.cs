using System;
using System.Net.Sockets;
using System.Text;
using System.Threading.Tasks;
using TcpTools.Lab;
using TcpTools.Stack;
using TcpTools.Tcp;
using TcpTools.Wire;
using Xunit;
using TcpListener = TcpTools.Stack.TcpListener;

namespace TcpTools.Tests.Kernel;

/// <summary>Programs that know nothing of us, on the kernel's TCP, and our stack as their peer.</summary>
[Trait("Category", "Root")]
public sealed class KernelClientTests
{
    [RootFact("curl")]
    public void Curl_gets_the_page_that_our_listener_serves()
    {
        byte[] body = RepeatableData.Make(300_000);
        using TunPair pair = new();
        using TcpListener listener = pair.Stack.Listen(new ListenOptions { Port = 80 });
        Task serving = Task.Run(() =>
        {
            using TcpSession session = listener.Accept(TunPair.Limit)!;
            byte[] request = new byte[4096];
            Assert.True(session.ReadSome(request, TunPair.Limit) > 0);
            session.WriteAll(
                Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n"), TunPair.Limit);
            session.WriteAll(body, TunPair.Limit);
            session.Shutdown();
            Assert.True(session.WaitFor(SessionCondition.PeerFinished, TunPair.Limit));
        });
        ToolResult result = pair.Place.Run("sh", "-c", "curl -s --max-time 20 http://10.9.0.2/ | sha256sum");
        serving.Wait(TunPair.Limit);
        Assert.StartsWith(RepeatableData.Hash(body), result.Output.ToUpperInvariant(), StringComparison.Ordinal);
    }

    [RootFact("nc")]
    public void Netcat_sends_and_hears_until_both_have_finished()
    {
        using TunPair pair = new();
        using TcpListener listener = pair.Stack.Listen(new ListenOptions { Port = 9 });
        using LabProcess client = pair.Place.Start("nc", "-N", "10.9.0.2", "9");
        client.Input.Write("from netcat"u8);
        client.CloseInput();
        using TcpSession session = listener.Accept(TunPair.Limit)!;
        byte[] buffer = new byte[100];
        int count = session.ReadSome(buffer, TunPair.Limit);
        Assert.Equal("from netcat", Encoding.ASCII.GetString(buffer, 0, count));
        Assert.Equal(0, session.ReadSome(buffer, TunPair.Limit));
        session.WriteAll("from us\n"u8, TunPair.Limit);
        session.Close();
        Assert.True(client.WaitForExit(TunPair.Limit));
        Assert.Equal("from us", client.Output.Trim());
        Assert.True(session.WaitFor(SessionCondition.Closed, TunPair.Limit));
        Assert.Equal(TcpCloseReason.Finished, session.CloseReason);
    }

    [RootFact]
    public void A_port_that_nobody_serves_refuses_us()
    {
        using TunPair pair = new();
        using TcpSession session = pair.Stack.Connect(
            new ConnectOptions { RemoteAddress = NetworkAddress.From(TunPair.KernelAddress), RemotePort = 1 });
        Assert.False(session.WaitFor(SessionCondition.Established, TunPair.Limit));
        Assert.Equal(TcpCloseReason.Refused, session.CloseReason);
    }

    [RootFact]
    public void A_port_that_we_do_not_serve_refuses_the_kernel()
    {
        using TunPair pair = new();
        SocketException refusal =
            Assert.Throws<SocketException>(() => KernelSocket.Connect(pair.Place, TunPair.OwnAddress, 1));
        Assert.Equal(SocketError.ConnectionRefused, refusal.SocketErrorCode);
    }

    [RootFact]
    public void A_reset_by_the_kernel_ends_our_reading()
    {
        using TunPair pair = new();
        pair.Serve(KernelSocket.Abort);
        using TcpSession session = pair.Connect();
        StackException reset = Assert.Throws<StackException>(() => session.ReadSome(new byte[10], TunPair.Limit));
        Assert.Equal(StackError.ConnectionReset, reset.Error);
    }

    [RootFact]
    public void A_reset_by_us_ends_the_kernels_reading()
    {
        using TunPair pair = new();
        using TcpListener listener = pair.Stack.Listen(new ListenOptions { Port = 7 });
        using Socket socket = KernelSocket.Connect(pair.Place, TunPair.OwnAddress, 7);
        listener.Accept(TunPair.Limit)!.Abort();
        socket.ReceiveTimeout = 10_000;
        SocketException reset = Assert.Throws<SocketException>(() => socket.Receive(new byte[10]));
        Assert.Equal(SocketError.ConnectionReset, reset.SocketErrorCode);
    }

    [RootFact]
    public void Options_are_agreed_on_with_the_kernel()
    {
        using TunPair pair = new();
        pair.Serve(KernelServer.Echo);
        using TcpSession session = pair.Connect();
        TcpInfo info = session.Info;
        Assert.True(info.WindowScaling);
        Assert.True(info.Timestamps);
        Assert.True(info.Sack);
        // 1500 bytes less 20 for IP, 20 for TCP and 12 for the timestamps that every segment carries (RFC 6691).
        Assert.Equal(1448, info.SendMaximumSegment);
    }

    [RootFact]
    public void A_kernel_whose_reader_pauses_closes_its_window_and_gets_everything_later()
    {
        byte[] data = RepeatableData.Make(8_000_000);
        using TunPair pair = new();
        using System.Threading.ManualResetEventSlim go = new();
        TaskCompletionSource<long> received = new();
        pair.Serve(socket =>
        {
            go.Wait(TunPair.Limit);
            byte[] buffer = new byte[65536];
            long total = 0;
            for (int count = socket.Receive(buffer); count > 0; count = socket.Receive(buffer))
            {
                total += count;
            }

            received.SetResult(total);
        });
        using TcpSession session = pair.Connect();
        Task writing = Task.Run(() =>
        {
            session.WriteAll(data, TunPair.Limit);
            session.Shutdown();
        });
        Assert.True(Tool.Until(() => session.Info.SendWindow - (session.Info.SendNext - session.Info.SendUnacknowledged) < 1448, TunPair.Limit));
        go.Set();
        Assert.True(writing.Wait(TunPair.Limit));
        Assert.True(received.Task.Wait(TunPair.Limit));
        Assert.Equal(data.Length, received.Task.Result);
    }
}
