using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Threading;
using TcpTools.Stack;
using TcpTools.Tcp;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Stack;

/// <summary>One connection between two stacks from opening to the last trace of it, in virtual time.</summary>
public sealed class SessionTests
{
    [Fact]
    public void Opening_returns_at_once_in_syn_sent_and_ends_established_on_both_sides()
    {
        using Rig rig = new();
        TcpListener listener = rig.Listen();
        TcpSession client = rig.Connect();
        Assert.Equal(TcpState.SynSent, client.State);
        Assert.Single(rig.Client.Sessions);

        TcpSession? server = listener.Accept(TimeSpan.FromSeconds(1));
        Assert.NotNull(server);
        Assert.Same(listener, server.Listener);
        Assert.True(client.WaitFor(SessionCondition.Established, TimeSpan.FromSeconds(1)));
        Assert.Equal(TcpState.Established, server.State);
        Assert.Equal(client.Flow, server.Flow.Reverse());
        Assert.Equal("10.9.0.2", client.RemoteAddress.ToString());
        Assert.Equal(80, client.RemotePort);
        Assert.Equal(1, rig.Client.Counters["TcpActiveOpens"]);
        Assert.Equal(1, rig.Server.Counters["TcpPassiveOpens"]);
        Assert.Equal(1, rig.Server.Counters["TcpCurrEstab"]);
    }

    [Fact]
    public void A_megabyte_goes_both_ways_at_once_and_after_time_wait_nothing_is_left()
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        Transfer.BothWays(rig, client, server, Transfer.Bytes(1 << 20, 1), Transfer.Bytes(1 << 20, 2), TimeSpan.FromSeconds(60));

        Assert.True(client.WaitFor(SessionCondition.Closed, TimeSpan.FromSeconds(5)));
        Assert.True(server.WaitFor(SessionCondition.Closed, TimeSpan.FromSeconds(5)));
        rig.Network.Run(TimeSpan.FromMinutes(3));
        Assert.Equal(TcpState.Closed, client.State);
        Assert.Equal(TcpCloseReason.Finished, client.CloseReason);
        Assert.Equal(TcpCloseReason.Finished, server.CloseReason);
        Assert.Equal(0, rig.Client.Counters["TcpRetransSegs"]);
        rig.AssertNothingLeft();
    }

    [Fact]
    public void Who_closes_first_waits_in_time_wait_for_its_whole_time()
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        client.Close();
        Assert.True(server.WaitFor(SessionCondition.PeerFinished, TimeSpan.FromSeconds(1)));
        server.Close();
        Assert.True(client.WaitFor(TcpState.TimeWait, TimeSpan.FromSeconds(1)));
        Assert.True(server.WaitFor(TcpState.Closed, TimeSpan.FromSeconds(1)));

        TimeSpan timeWait = client.Settings!.TimeWait;
        rig.Network.Run(timeWait - TimeSpan.FromSeconds(1));
        Assert.Equal(TcpState.TimeWait, client.State);
        rig.Network.Run(TimeSpan.FromSeconds(2));
        Assert.Equal(TcpState.Closed, client.State);
        rig.AssertNothingLeft();
    }

    [Fact]
    public void A_port_nobody_listens_on_refuses()
    {
        using Rig rig = new();
        TcpSession client = rig.Connect();
        Assert.False(client.WaitFor(SessionCondition.Established, TimeSpan.FromSeconds(5)));
        Assert.Equal(TcpCloseReason.Refused, client.CloseReason);
        StackException error = Assert.Throws<StackException>(() => client.ReadSome(new byte[1], TimeSpan.FromSeconds(1)));
        Assert.Equal(StackError.ConnectionRefused, error.Error);
        error = Assert.Throws<StackException>(() => client.Write([1]));
        Assert.Equal(StackError.ConnectionRefused, error.Error);
        rig.AssertNothingLeft();
    }

    [Fact]
    public void A_peer_that_never_answers_times_out()
    {
        using Rig rig = new(server: o => o with { UnclaimedPorts = UnclaimedPortPolicy.Drop });
        TcpSession client = rig.Connect();
        Assert.False(client.WaitFor(SessionCondition.Established, TimeSpan.FromMinutes(10)));
        Assert.Equal(TcpCloseReason.TimedOut, client.CloseReason);
        StackException error = Assert.Throws<StackException>(() => client.Read(new byte[1]));
        Assert.Equal(StackError.ConnectionTimedOut, error.Error);
        rig.AssertNothingLeft();
    }

    [Fact]
    public void An_abort_resets_the_peer_and_frees_both_sides()
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        client.Write(new byte[10000]);
        server.Abort();
        Assert.True(client.WaitFor(SessionCondition.Closed, TimeSpan.FromSeconds(1)));
        Assert.Equal(TcpCloseReason.ResetByPeer, client.CloseReason);
        Assert.Equal(TcpCloseReason.Aborted, server.CloseReason);
        StackException error = Assert.Throws<StackException>(() => client.ReadSome(new byte[1], TimeSpan.FromSeconds(1)));
        Assert.Equal(StackError.ConnectionReset, error.Error);
        rig.AssertNothingLeft();
    }

    [Fact]
    public void Closing_with_unread_data_resets_the_peer()
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        client.Write("unread"u8);
        Assert.True(server.WaitFor(SessionCondition.Readable, TimeSpan.FromSeconds(1)));
        server.Close();
        Assert.True(client.WaitFor(SessionCondition.Closed, TimeSpan.FromSeconds(1)));
        Assert.Equal(TcpCloseReason.ResetByPeer, client.CloseReason);
        rig.AssertNothingLeft();
    }

    [Fact]
    public void After_a_half_close_the_other_direction_goes_on()
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        client.WriteAll("question"u8, Rig.Limit);
        client.Shutdown();
        StackException error = Assert.Throws<StackException>(() => client.Write([1]));
        Assert.Equal(StackError.SessionClosed, error.Error);

        byte[] buffer = new byte[100];
        int read = server.ReadSome(buffer, Rig.Limit);
        Assert.Equal("question", Encoding.ASCII.GetString(buffer, 0, read));
        Assert.Equal(0, server.ReadSome(buffer, Rig.Limit));
        server.WriteAll("answer"u8, Rig.Limit);
        server.Close();
        read = client.ReadSome(buffer, Rig.Limit);
        Assert.Equal("answer", Encoding.ASCII.GetString(buffer, 0, read));
        Assert.Equal(0, client.ReadSome(buffer, Rig.Limit));
        client.Close();
        rig.Network.Run(TimeSpan.FromMinutes(2));
        rig.AssertNothingLeft();
    }

    [Fact]
    public void Data_given_when_opening_arrives()
    {
        using Rig rig = new();
        TcpListener listener = rig.Listen();
        rig.Client.Connect(new ConnectOptions
        {
            RemoteAddress = Rig.ServerAddress,
            RemotePort = Rig.Port,
            InitialData = "early"u8.ToArray(),
        });
        TcpSession? server = listener.Accept(Rig.Limit);
        byte[] buffer = new byte[100];
        int read = server!.ReadSome(buffer, Rig.Limit);
        Assert.Equal("early", Encoding.ASCII.GetString(buffer, 0, read));
    }

    [Fact]
    public void Data_received_before_the_end_can_be_read_after_it_and_is_given_back_then()
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        server.Shutdown();
        rig.Network.RunUntilIdle();
        client.WriteAll("last words"u8, Rig.Limit);
        client.Close();
        rig.Network.Run(TimeSpan.FromMinutes(5));
        Assert.Equal(TcpState.Closed, server.State);

        byte[] buffer = new byte[100];
        Assert.Equal(10, server.Read(buffer));
        Assert.Equal(0, server.ReadSome(buffer, Rig.Limit));
        rig.AssertNothingLeft();
    }

    [Fact]
    public void A_limit_that_runs_out_leaves_the_connection_alive()
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        Instant start = rig.Network.Now;
        StackException error = Assert.Throws<StackException>(() => client.ReadSome(new byte[1], TimeSpan.FromSeconds(7)));
        Assert.Equal(StackError.TimedOut, error.Error);
        Assert.Equal(TimeSpan.FromSeconds(7), rig.Network.Now - start);

        server.Write([42]);
        byte[] buffer = new byte[1];
        Assert.Equal(1, client.ReadSome(buffer, Rig.Limit));
        Assert.Equal(42, buffer[0]);
    }

    [Fact]
    public void Waiting_for_ever_ends_when_nothing_can_happen_any_more()
    {
        using Rig rig = new();
        (TcpSession client, _) = rig.Establish();
        rig.Network.Run(TimeSpan.FromMinutes(1));
        Assert.False(client.WaitFor(SessionCondition.Readable, Timeout.InfiniteTimeSpan));
    }

    [Fact]
    public void A_slow_reader_stops_the_writer_and_lets_it_go_on()
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        byte[] data = Transfer.Bytes(16 << 20, 3);
        int written = 0;
        rig.Network.RunUntil(
            () =>
            {
                written += client.Write(data.AsSpan(written));
                return false;
            },
            TimeSpan.FromMinutes(2));
        Assert.InRange(written, 1, data.Length - 1);
        Assert.True(server.Available > 0);
        int got = 0;
        byte[] buffer = new byte[100_000];
        bool done = rig.Network.RunUntil(
            () =>
            {
                written += client.Write(data.AsSpan(written));
                int read;
                while ((read = server.Read(buffer)) > 0)
                {
                    Assert.True(data.AsSpan(got, read).SequenceEqual(buffer.AsSpan(0, read)));
                    got += read;
                }

                return got == data.Length;
            },
            TimeSpan.FromMinutes(5));
        Assert.True(done, $"{got} of {data.Length}");
    }

    [Fact]
    public void Peeking_takes_nothing()
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        client.Write("abcdef"u8);
        Assert.True(server.WaitFor(SessionCondition.Readable, Rig.Limit));
        byte[] buffer = new byte[3];
        Assert.Equal(3, server.Peek(buffer, 2));
        Assert.Equal("cde"u8.ToArray(), buffer);
        Assert.Equal(6, server.Available);
        Assert.Equal(0, server.Peek(buffer, 6));
    }

    [Fact]
    public void State_changes_are_told_in_order()
    {
        using Rig rig = new();
        TcpListener listener = rig.Listen();
        TcpSession client = rig.Connect();
        List<TcpState> states = [];
        client.StateChanged += (_, change) => states.Add(change.To);
        client.StateChanged += (_, _) => throw new InvalidOperationException("A handler's own fault.");
        TcpSession? server = listener.Accept(Rig.Limit);
        client.Close();
        Assert.True(server!.WaitFor(SessionCondition.PeerFinished, Rig.Limit));
        server.Close();
        rig.Network.Run(TimeSpan.FromMinutes(2));
        Assert.Equal([TcpState.Established, TcpState.FinWait1, TcpState.FinWait2, TcpState.TimeWait, TcpState.Closed], states);
        Assert.Equal(5, rig.Client.HandlerFailures);
    }

    [Fact]
    public void Lingering_ends_in_a_reset_when_the_data_cannot_go_out()
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        byte[] data = new byte[100_000];
        while (rig.Network.RunUntil(() => client.Write(data) > 0, TimeSpan.FromSeconds(5)))
        {
        }

        client.Linger = TimeSpan.FromSeconds(10);
        client.Close();
        rig.Network.Run(TimeSpan.FromSeconds(9));
        Assert.NotEqual(TcpState.Closed, client.State);
        rig.Network.Run(TimeSpan.FromSeconds(2));
        Assert.Equal(TcpState.Closed, client.State);
        Assert.Equal(TcpCloseReason.Aborted, client.CloseReason);
        Assert.Equal(TcpCloseReason.ResetByPeer, server.CloseReason);
    }

    [Fact]
    public void Lingering_zero_is_a_reset_at_once()
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        client.Linger = TimeSpan.Zero;
        client.Close();
        rig.Network.RunUntilIdle();
        Assert.Equal(TcpCloseReason.ResetByPeer, server.CloseReason);
        rig.AssertNothingLeft();
    }

    [Fact]
    public void A_stack_can_speak_with_itself()
    {
        using Rig rig = new();
        TcpListener listener = rig.Server.Listen(new ListenOptions { Port = 7 });
        TcpSession client = rig.Server.Connect(new ConnectOptions { RemoteAddress = Rig.ServerAddress, RemotePort = 7 });
        TcpSession? server = listener.Accept(Rig.Limit);
        Assert.NotNull(server);
        byte[] data = Transfer.Bytes(200_000, 9);
        Transfer.BothWays(rig, client, server, data, data, Rig.Limit);
        listener.Stop();
        rig.Network.Run(TimeSpan.FromMinutes(3));
        rig.AssertNothingLeft();
    }

    [Fact]
    public void A_traced_handshake_shows_three_segments_on_each_side_with_their_states()
    {
        using Rig rig = new(client: o => o with { Trace = true }, server: o => o with { Trace = true });
        rig.Establish();
        SegmentRecord[] sent = [.. rig.Client.Trace!.Snapshot()];
        Assert.Equal(
            [TcpFlags.Syn, TcpFlags.Syn | TcpFlags.Ack, TcpFlags.Ack], sent.Take(3).Select(r => r.Flags));
        Assert.Equal(
            [SegmentDirection.Out, SegmentDirection.In, SegmentDirection.Out], sent.Take(3).Select(r => r.Direction));
        Assert.Equal(TcpState.SynSent, sent[1].StateBefore);
        Assert.Equal(TcpState.Established, sent[1].StateAfter);
        Assert.Contains("mss 1460", sent[0].Options, StringComparison.Ordinal);

        SegmentRecord[] received = [.. rig.Server.Trace!.Snapshot()];
        Assert.Equal(TcpState.Listen, received[0].StateBefore);
        Assert.Equal(TcpState.SynReceived, received[0].StateAfter);
        Assert.Contains("[S.]", received[1].ToString(), StringComparison.Ordinal);
    }
}
