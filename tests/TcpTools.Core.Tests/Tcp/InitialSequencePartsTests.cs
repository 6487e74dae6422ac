using System;
using System.Linq;
using TcpTools.Stack;
using TcpTools.Tcp;
using TcpTools.Tests.Stack;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Tcp;

/// <summary>Initial sequence numbers other than those of RFC 6528, alone and in a stack.</summary>
public class InitialSequencePartsTests
{
    private static readonly FlowKey Flow = new(NetworkAddress.Parse("10.0.0.1"), 1025, NetworkAddress.Parse("10.0.0.2"), 80);

    [Fact]
    public void The_clock_of_rfc_793_moves_once_in_4_microseconds_and_wraps()
    {
        ClockSequence clock = new();
        Assert.Equal(new SequenceNumber(250_000), clock.Next(Flow, Instant.FromSeconds(1)));
        Assert.Equal(clock.Next(Flow, Instant.FromSeconds(1)), clock.Next(Flow.Reverse(), Instant.FromSeconds(1)));
        Instant wrap = new((1L << 32) * 40);
        Assert.Equal(new SequenceNumber(0), clock.Next(Flow, wrap));
    }

    [Fact]
    public void A_counter_goes_on_over_the_end_of_the_numbers()
    {
        CounterSequence counter = new(new SequenceNumber(uint.MaxValue - 1), 3);
        Assert.Equal([uint.MaxValue - 1, 1u, 4u], Take(counter, 3));
    }

    [Fact]
    public void A_list_is_played_again_and_again()
    {
        ReplaySequence replay = new(new uint[] { 5, 7 }.Select(value => new SequenceNumber(value)));
        Assert.Equal([5u, 7u, 5u], Take(replay, 3));
        Assert.Throws<StackException>(() => new ReplaySequence([]));
    }

    [Fact]
    public void Random_numbers_are_those_of_the_source()
    {
        Assert.Equal(Take(new RandomSequence(RandomSource.FromSeed(3)), 4), Take(new RandomSequence(RandomSource.FromSeed(3)), 4));
        Assert.Equal(4, Take(new RandomSequence(RandomSource.FromSeed(3)), 4).Distinct().Count());
    }

    [Fact]
    public void Every_name_makes_a_generator()
    {
        foreach (NamedPart<Func<RandomSource, IInitialSequenceGenerator>> part in TcpParts.InitialSequences)
        {
            IInitialSequenceGenerator generator = part.Value(RandomSource.FromSeed(1));
            _ = generator.Next(Flow, Instant.Zero);
            Assert.NotEmpty(generator.Name);
            Assert.Same(part.Value, TcpParts.Find(TcpParts.InitialSequences, part.Name.ToUpperInvariant()));
        }
    }

    [Theory]
    [InlineData(5555)]
    [InlineData(0)]
    [InlineData(uint.MaxValue)]
    [InlineData(uint.MaxValue - 1)]
    [InlineData(uint.MaxValue - 70_000)]
    [InlineData(int.MaxValue)]
    public void Both_sides_of_a_stack_start_where_they_are_told_and_data_wraps(uint number)
    {
        IInitialSequenceGenerator generator = new ConstantSequence(new SequenceNumber(number));
        using Rig rig = new(
            client: o => o with { Tcp = o.Tcp with { InitialSequence = generator } },
            server: o => o with { Tcp = o.Tcp with { InitialSequence = generator } });
        (TcpSession client, TcpSession server) = rig.Establish();
        Assert.Equal(number, client.Info.InitialSendSequence.Value);
        Assert.Equal(number, server.Info.InitialSendSequence.Value);
        Assert.Equal("constant", client.Info.InitialSequence);
        Transfer.BothWays(rig, client, server, Transfer.Bytes(200_000, 1), Transfer.Bytes(200_000, 2), TimeSpan.FromMinutes(1));
    }

    [Fact]
    public void One_session_and_one_listener_may_have_their_own()
    {
        using Rig rig = new();
        TcpListener listener = rig.Server.Listen(new ListenOptions
        {
            Port = Rig.Port,
            Settings = TcpSettings.Default with { InitialSequence = new ConstantSequence(new SequenceNumber(7)) },
        });
        TcpSession client = rig.Connect(settings: TcpSettings.Default with { InitialSequence = new ConstantSequence(new SequenceNumber(9)) });
        TcpSession? server = listener.Accept(Rig.Limit);
        Assert.Equal(7u, server!.Info.InitialSendSequence.Value);
        Assert.Equal(9u, client.Info.InitialSendSequence.Value);
    }

    [Fact]
    public void One_that_throws_is_counted_and_rfc_6528_goes_on()
    {
        using Rig rig = new(client: o => o with { Tcp = o.Tcp with { InitialSequence = new Failing() } });
        (TcpSession client, TcpSession server) = rig.Establish();
        Transfer.BothWays(rig, client, server, Transfer.Bytes(1000, 1), [], TimeSpan.FromMinutes(1));
        PartError error = Assert.Single(rig.Client.PartErrors);
        Assert.Equal((PartKind.InitialSequence, "failing", "no number"), (error.Kind, error.Name, error.Message));
        Assert.Equal(1, rig.Client.PartFailures);
    }

    private static uint[] Take(IInitialSequenceGenerator generator, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => generator.Next(Flow, Instant.Zero).Value)];

    private sealed class Failing : IInitialSequenceGenerator
    {
        public string Name => "failing";

        public SequenceNumber Next(in FlowKey flow, Instant now) => throw new InvalidOperationException("no number");
    }
}
