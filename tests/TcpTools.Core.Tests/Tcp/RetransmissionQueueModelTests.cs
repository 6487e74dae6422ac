using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Tcp;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Tcp;

/// <summary>The scoreboard against a model that keeps every octet by itself, across the wrap of sequence numbers.</summary>
public class RetransmissionQueueModelTests
{
    private const int Mss = 10;
    private const int Threshold = 3;

    [Fact]
    public void It_knows_what_an_octet_by_octet_model_knows() => Moves.CheckAll(static moves =>
    {
        Player player = new(new SequenceNumber(uint.MaxValue - (uint)moves.Next(200)));
        while (!moves.IsOver)
        {
            player.Play(moves);
            player.Check();
        }
    });

    private sealed class Player(SequenceNumber first)
    {
        private readonly RetransmissionQueue _queue = new();
        private readonly ScoreboardModel _model = new();
        private Instant _now = Instant.FromSeconds(1);

        public void Play(Moves moves)
        {
            _now += TimeSpan.FromMilliseconds(1 + moves.Next(5));
            switch (moves.Next(10))
            {
                case 0 or 1:
                    int length = 1 + moves.Next(4 * Mss);
                    _queue.Append(At(_model.End), At(_model.End + length), _now, TcpFlags.Ack);
                    _model.Append(length, _now);
                    break;
                case 2:
                    Acknowledge(_model.Una + moves.Next(60) - 10);
                    break;
                case 3 or 4:
                    Sack(moves);
                    break;
                case 5:
                    Assert.Equal(_model.MarkLost(Mss, Threshold), _queue.MarkLost(Mss, Threshold));
                    break;
                case 6:
                    Retransmit(moves.Next(3 * Mss));
                    break;
                case 7 when moves.Next(4) == 0:
                    _model.MarkAllLost();
                    _queue.MarkAllLost();
                    break;
                default:
                    MarkFirstLost(1 + moves.Next(2 * Mss));
                    break;
            }
        }

        public void Check()
        {
            Assert.Equal(_model.Bytes, _queue.Bytes);
            Assert.Equal(_model.Sacked, _queue.SackedBytes);
            Assert.Equal(_model.Lost, _queue.LostBytes);
            Assert.Equal(_model.Pipe, _queue.Pipe);
            Assert.Equal(_model.IsReneged, _queue.IsReneged);
            if (_model.Sacked > 0)
            {
                Assert.Equal(At(_model.HighestSacked), _queue.HighestSacked);
            }

            int position = _model.Una;
            for (int i = 0; i < _queue.Count; i++)
            {
                SentSegment run = _queue[i];
                Assert.Equal(At(position), run.Start);
                Assert.True(run.Length > 0);
                for (int end = position + run.Length; position < end; position++)
                {
                    ScoreboardModel.Octet octet = _model[position];
                    Assert.Equal(
                        (octet.Sacked, octet.Transmissions, octet.SentAt), (run.Sacked, (int)run.Transmissions, run.SentAt));
                    Assert.True(octet.Sacked || (octet.Lost, octet.Retransmitted) == (run.Lost, run.Retransmitted));
                }
            }

            Assert.Equal(_model.End, position);
        }

        private void Acknowledge(int una)
        {
            AckResult result = _queue.Acknowledge(At(una), _now);
            List<ScoreboardModel.Octet> acked = _model.Acknowledge(una);
            Assert.Equal(acked.Count, result.AckedBytes);
            Assert.Equal(acked.Count(o => o.Sacked), result.PreviouslySackedBytes);
            Assert.Equal(acked.Exists(o => o.Transmissions > 1), result.RetransmittedAcked);
            List<ScoreboardModel.Octet> news = acked.FindAll(o => !o.Sacked);
            Assert.Equal(news.Count > 0 && acked.TrueForAll(o => o.Transmissions == 1), result.HasRttSample);
            if (result.HasRttSample)
            {
                Assert.Equal(_now - news.Min(o => o.SentAt), result.Rtt);
                Assert.Equal(_now - news.Max(o => o.SentAt), result.LatestRtt);
            }
        }

        private void Sack(Moves moves)
        {
            // Some blocks are sound, some reach below or beyond what was sent, some are empty or turned around.
            (int Left, int Right)[] pairs = new (int, int)[1 + moves.Next(4)];
            for (int i = 0; i < pairs.Length; i++)
            {
                int left = _model.Una + moves.Next(_model.Bytes + 20) - 10;
                pairs[i] = (left, left + moves.Next(3 * Mss) - 2);
            }

            SackBlock[] blocks = [.. pairs.Select(pair => new SackBlock(At(pair.Left), At(pair.Right)))];
            SackResult result = _queue.ApplySack(blocks, At(_model.Una), At(_model.End), _now);
            List<ScoreboardModel.Octet> news = [];
            (int left0, int right0) = pairs[0];
            bool isDuplicate = left0 < right0
                && (right0 <= _model.Una || (pairs.Length > 1 && left0 >= pairs[1].Left && right0 <= pairs[1].Right));
            foreach ((int left, int right) in pairs.Skip(isDuplicate ? 1 : 0))
            {
                if (left < right && left >= _model.Una && right <= _model.End)
                {
                    news.AddRange(_model.Sack(left, right));
                }
            }

            Assert.Equal(news.Count, result.SackedBytes);
            Assert.Equal(isDuplicate, result.HasDuplicate);
            Assert.Equal(news.Exists(o => o.Transmissions == 1), result.HasRttSample);
            if (result.HasRttSample)
            {
                Assert.Equal(_now - news.Where(o => o.Transmissions == 1).Max(o => o.SentAt), result.Rtt);
            }
        }

        private void MarkFirstLost(int maximum)
        {
            // How long the run is that begins there is the queue's own affair; that it is no longer than asked is not.
            _queue.MarkFirstLost(maximum);
            int position = _model.FirstUnsacked();
            int index = Enumerable.Range(0, _queue.Count).FirstOrDefault(i => !_queue[i].Sacked, -1);
            Assert.Equal(index < 0, position == _model.End);
            if (index >= 0)
            {
                Assert.InRange(_queue[index].Length, 1, maximum);
                Assert.Equal(At(position), _queue[index].Start);
                for (int end = position + _queue[index].Length; position < end; position++)
                {
                    _model.MarkLost(position);
                }
            }
        }

        private void Retransmit(int maximum)
        {
            bool found = _queue.TryGetRetransmission(maximum, out SequenceNumber start, out int length);
            (int position, int waiting) = _model.Waiting();
            Assert.Equal(Math.Min(maximum, waiting), found ? length : 0);
            if (found)
            {
                Assert.Equal(At(position), start);
                _queue.OnRetransmitted(start, length, _now);
                _model.Retransmit(position, length, _now);
            }
        }

        private SequenceNumber At(int position) => first + position;
    }
}
