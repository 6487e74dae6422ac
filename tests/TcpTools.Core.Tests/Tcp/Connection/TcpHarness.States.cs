using System;
using System.Collections.Generic;
using TcpTools.Tcp;
using Xunit;

namespace TcpTools.Tests.Tcp;

/// <content>The ways into each state.</content>
internal sealed partial class TcpHarness
{
    /// <summary>Every state that a connection can be in while it exists.</summary>
    public static IEnumerable<TcpState> LiveStates { get; } =
    [
        TcpState.SynSent, TcpState.SynReceived, TcpState.Established, TcpState.FinWait1, TcpState.FinWait2,
        TcpState.CloseWait, TcpState.Closing, TcpState.LastAck, TcpState.TimeWait,
    ];

    /// <summary>The states from ESTABLISHED on (RFC 9293, 3.3.2: synchronized).</summary>
    public static IEnumerable<TcpState> SynchronizedStates { get; } =
    [
        TcpState.Established, TcpState.FinWait1, TcpState.FinWait2,
        TcpState.CloseWait, TcpState.Closing, TcpState.LastAck, TcpState.TimeWait,
    ];

    /// <summary>RCV.NXT, relative, in the state that <see cref="In(TcpState, TcpSettings?, uint, uint)"/> makes.</summary>
    public int ReceiveNext => Info.ReceiveNext - Irs;

    /// <summary>SND.NXT, relative.</summary>
    public int SendNext => Info.SendNext - Iss;

    /// <summary>SND.UNA, relative.</summary>
    public int SendUnacknowledged => Info.SendUnacknowledged - Iss;

    /// <summary>A connection in a state, with nothing left to expect, its windows open and no data sent.</summary>
    public static TcpHarness In(TcpState state, TcpSettings? settings = null, uint iss = 1000, uint irs = 5_000_000)
    {
        TcpHarness harness = new(settings, iss, irs);
        harness.MoveTo(state);
        Assert.Equal(state, harness.State);
        harness.Take();
        return harness;
    }

    /// <summary>An established connection, opened passively, with a peer that offers what the settings ask for.</summary>
    public static TcpHarness Established(
        TcpSettings? settings = null, int mss = 1000, int window = 65535, int? scale = null, int mtu = 1500, int segmentation = 0,
        uint iss = 1000, uint irs = 5_000_000)
    {
        TcpHarness harness = new(settings, iss, irs, mtu, segmentation);
        harness.Accept(mss, window, scale);
        harness.Take();
        return harness;
    }

    /// <summary>Opens the congestion window wide, so that only what a test is about limits what is sent.</summary>
    public static TcpSettings Wide(TcpSettings settings) => settings with { InitialWindow = 1000 };

    private void Accept(int mss = 1000, int window = 65535, int? scale = null)
    {
        TcpSettings settings = Connection.Settings;
        string options = $"mss {mss}";
        options += settings.Sack ? ",sackOK" : "";
        options += settings.Timestamps ? ",TS 100 -" : "";
        options += settings.WindowScaling ? $",wscale {scale ?? 0}" : "";
        Listen($"S 0:0 win {window} <{options}>");
        In($". 1:1 ack 1 win {window >> (scale ?? 0)}" + (settings.Timestamps ? " <nop,nop,TS 100 0>" : ""));
    }

    private void MoveTo(TcpState state)
    {
        string stamps = Connection.Settings.Timestamps ? " <nop,nop,TS 100 0>" : "";
        switch (state)
        {
            case TcpState.Closed:
                break;
            case TcpState.SynSent:
                Connect();
                break;
            case TcpState.SynReceived:
                Listen("S 0:0 win 65535 <mss 1000" + (stamps.Length > 0 ? ",TS 100 ->" : ">"));
                break;
            case TcpState.Established:
                Accept();
                break;
            case TcpState.FinWait1:
                Accept();
                Connection.Shutdown(Now);
                break;
            case TcpState.FinWait2:
                MoveTo(TcpState.FinWait1);
                In(". 1:1 ack 2" + stamps);
                break;
            case TcpState.CloseWait:
                Accept();
                In("F. 1:1 ack 1" + stamps);
                break;
            case TcpState.Closing:
                MoveTo(TcpState.FinWait1);
                In("F. 1:1 ack 1" + stamps);
                break;
            case TcpState.LastAck:
                MoveTo(TcpState.CloseWait);
                Connection.Shutdown(Now);
                break;
            case TcpState.TimeWait:
                MoveTo(TcpState.FinWait2);
                In("F. 1:1 ack 2" + stamps);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(state));
        }
    }
}
