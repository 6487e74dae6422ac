using System;
using System.Linq;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using TcpTools.Lab;
using TcpTools.Stack;
using TcpTools.Tcp;
using TcpTools.Tests.Hooks;
using TcpTools.Wire;
using Xunit;
using TcpListener = TcpTools.Stack.TcpListener;

namespace TcpTools.Tests.Kernel;

/// <summary>Hooks in a stack whose peer is the kernel, over a device that splits segments and completes checksums.</summary>
[Trait("Category", "Root")]
public sealed class HookKernelTests
{
    [RootFact("nc")]
    public void Netcat_speaks_with_a_server_whose_initial_sequence_number_a_hook_has_set()
    {
        using TunPair pair = new();
        using TcpListener listener = pair.Stack.Listen(new ListenOptions { Port = 9 });
        pair.Stack.Hook(HookStage.SynAck, SetSequence);
        using LabProcess client = pair.Place.Start("nc", "-N", "10.9.0.2", "9");
        client.Input.Write("from netcat"u8);
        client.CloseInput();
        using TcpSession session = listener.Accept(TunPair.Limit)!;
        Assert.Equal(5555u, session.Info.InitialSendSequence.Value);
        byte[] buffer = new byte[100];
        int count = session.ReadSome(buffer, TunPair.Limit);
        Assert.Equal("from netcat", Encoding.ASCII.GetString(buffer, 0, count));
        session.WriteAll("from 5555\n"u8, TunPair.Limit);
        session.Close();
        Assert.True(client.WaitForExit(TunPair.Limit));
        Assert.Equal("from 5555", client.Output.Trim());
        Assert.True(session.WaitFor(SessionCondition.Closed, TunPair.Limit));
        Assert.Equal(TcpCloseReason.Finished, session.CloseReason);
    }

    [RootFact]
    public void The_kernel_takes_a_connection_whose_initial_sequence_number_a_hook_has_set()
    {
        using TunPair pair = new();
        pair.Stack.Hook(HookStage.Syn, SetSequence);
        pair.Serve(static socket =>
        {
            KernelServer.SendAll(socket, RepeatableData.Make(200_000));
            socket.Shutdown(SocketShutdown.Send);
            KernelServer.Drain(socket);
        });
        using TcpSession session = pair.Connect();
        Assert.Equal(5555u, session.Info.InitialSendSequence.Value);
        Assert.Equal(RepeatableData.Make(200_000), ReadAll(session));
    }

    [RootTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Data_passes_hooks_at_every_stage_unharmed_and_in_single_packets(bool changes)
    {
        byte[] data = RepeatableData.Make(2_000_000);
        using TunPair pair = new();
        long longest = 0;
        long wrong = 0;
        foreach (HookStage stage in Enum.GetValues<HookStage>().Where(static stage => stage < HookStage.Syn))
        {
            pair.Stack.Hook(
                stage,
                (ref HookCall call) =>
                {
                    InterlockedMax(ref longest, call.Bytes.Length);
                    Interlocked.Add(ref wrong, HookRig.HasRightChecksums(call.Bytes) ? 0 : 1);
                    if (changes)
                    {
                        IPv4Editor ip = call.EditIP();
                        ip.TypeOfService = 8;
                    }

                    return HookVerdict.Accept;
                },
                new HookFilter { Ports = [new(TunPair.Port)] });
        }

        byte[] seen = [];
        using ManualResetEventSlim done = new();
        pair.Serve(socket =>
        {
            KernelServer.SendAll(socket, data);
            socket.Shutdown(SocketShutdown.Send);
            byte[] all = new byte[data.Length];
            int got = 0;
            for (int count = 1; count > 0 && got < all.Length; got += count)
            {
                count = socket.Receive(all.AsSpan(got));
            }

            seen = all[..got];
            done.Set();
        });
        using TcpSession session = pair.Connect();
        Assert.Equal(data, ReadAll(session));
        session.WriteAll(data, TunPair.Limit);
        session.Shutdown();
        Assert.True(done.Wait(TunPair.Limit));
        Assert.Equal(data, seen);
        Assert.Equal(1500, longest);
        Assert.Equal(0, wrong);
        Assert.All(pair.Stack.Hooks, static hook => Assert.Equal(0, hook.Failed));
        Assert.All(pair.Stack.Hooks, static hook => Assert.True(hook.Matched > 1000));
    }

    private static byte[] ReadAll(TcpSession session)
    {
        using System.IO.MemoryStream all = new();
        byte[] buffer = new byte[64 * 1024];
        for (int count = session.ReadSome(buffer, TunPair.Limit); count > 0; count = session.ReadSome(buffer, TunPair.Limit))
        {
            all.Write(buffer, 0, count);
        }

        return all.ToArray();
    }

    private static HookVerdict SetSequence(ref HookCall call)
    {
        TcpEditor tcp = call.EditTcp();
        tcp.Sequence = new SequenceNumber(5555);
        return HookVerdict.Accept;
    }

    private static void InterlockedMax(ref long place, long value)
    {
        long known = Volatile.Read(ref place);
        while (value > known)
        {
            long found = Interlocked.CompareExchange(ref place, value, known);
            known = found == known ? value : found;
        }
    }
}
