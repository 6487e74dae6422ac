using System;
using System.Text;
using TcpTools.Links;
using TcpTools.Stack;
using TcpTools.Tests.Stack;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Hooks;

/// <summary>What tests of hooks do again and again with two stacks on a wire.</summary>
internal static class HookRig
{
    public static PacketHook Hook(this TcpStack stack, HookStage stage, PacketHookHandler handler, HookFilter? filter = null) =>
        stack.AddHook(new HookOptions { Stages = [stage], Handler = handler, Filter = filter ?? HookFilter.All });

    /// <summary>Sends text from one to the other and asserts that it arrives.</summary>
    public static void Say(this TcpSession from, TcpSession to, string text)
    {
        from.WriteAll(Encoding.ASCII.GetBytes(text), Rig.Limit);
        Assert.Equal(text, to.Hear(text.Length));
    }

    public static string Hear(this TcpSession session, int length)
    {
        byte[] buffer = new byte[length];
        int got = 0;
        while (got < length)
        {
            int count = session.ReadSome(buffer.AsSpan(got), Rig.Limit);
            if (count == 0)
            {
                break;
            }

            got += count;
        }

        return Encoding.ASCII.GetString(buffer, 0, got);
    }

    /// <summary>Moves as many bytes as there are, both buffers' sizes notwithstanding, and asserts that they are the same.</summary>
    public static void Transfer(this Rig rig, TcpSession from, TcpSession to, byte[] data)
    {
        byte[] received = new byte[data.Length];
        int sent = 0;
        int got = 0;
        bool all = rig.Network.RunUntil(
            () =>
            {
                sent += from.Write(data.AsSpan(sent));
                got += to.Read(received.AsSpan(got));
                return got == data.Length;
            },
            TimeSpan.FromHours(1));
        Assert.True(all, $"{got} of {data.Length} bytes arrived");
        Assert.Equal(data, received);
    }

    /// <summary>What a stack's link receives from now on.</summary>
    public static RawReceiver Watch(TcpStack stack) => stack.OpenRawReceiver(100_000);

    public static bool HasRightChecksums(ReadOnlySpan<byte> packet)
    {
        IPv4View ip = new(packet);
        return ip.IsValid && ip.IsChecksumValid && new TcpView(ip.Payload).IsChecksumValid(ip.Source, ip.Destination);
    }
}
