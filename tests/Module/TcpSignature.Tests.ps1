. $PSScriptRoot/common.ps1

Describe 'Protect-TcpSegment and Test-TcpSignature' {
    BeforeAll {
        $syn = New-IPPacket 10.9.0.1 10.9.0.2 | New-TcpSegment 179 40000 -Sequence 1000 -Option 'mss 1460' -Data hello
    }

    It 'sign by MD5' {
        $signed = $syn | Protect-TcpSegment secret
        $signed.Tcp.Options.Name | Should -Be mss, nop, nop, md5
        $signed | Test-TcpSignature secret | Should -BeTrue
        $signed | Test-TcpSignature ([Text.Encoding]::ASCII.GetBytes('secret')) | Should -BeTrue
        $signed | Test-TcpSignature other | Should -BeFalse
        $syn | Test-TcpSignature secret | Should -BeFalse
        $syn.Tcp.Options.Count | Should -Be 1
        $signed.Anomalies | Should -BeNullOrEmpty
    }

    It 'sign by TCP-AO' {
        foreach ($algorithm in 'HmacSha1', 'Aes128Cmac') {
            $key = @{ MasterKey = 'testvector'; KeyId = 61; Algorithm = $algorithm }
            $signed = $syn | Protect-TcpSegment @key -ReceiveNextKeyId 84
            $option = $signed.Tcp.Options[-1]
            $option.KeyId, $option.ReceiveNextKeyId, $option.Code.Length | Should -Be 61, 84, 12
            $signed | Test-TcpSignature @key | Should -BeTrue
            $signed | Test-TcpSignature @key -WithoutOptions | Should -BeFalse
            $signed | Test-TcpSignature @key -SequenceExtension 1 | Should -BeFalse
        }
    }

    It 'need the initial sequence numbers of what is no SYN' {
        $data = New-IPPacket 10.9.0.1 | New-TcpSegment 179 -Flags Psh, Ack -Data hello
        Get-ErrorId { $data | Protect-TcpSegment -MasterKey secret } | Should -Be NotSignable
        $data | Protect-TcpSegment -MasterKey secret -SenderIsn 1 -ReceiverIsn 2 |
            Test-TcpSignature -MasterKey secret -SenderIsn 1 -ReceiverIsn 2 | Should -BeTrue
    }

    It 'are not needed where New-TcpSegment has the key' {
        New-IPPacket 10.9.0.1 | New-TcpSegment 179, 180 -Md5Key secret -Data hello | Test-TcpSignature secret | Should -Be $true, $true
        Get-ErrorId { New-TcpSegment 179 -Md5Key secret } | Should -Be InvalidArgument
    }

    It 'refuse what is no segment' {
        Get-ErrorId { New-IPPacket 10.9.0.1 | New-UdpDatagram | Protect-TcpSegment secret } | Should -Be NotSignable
        Get-ErrorId { New-TcpSegment 80 | Protect-TcpSegment secret } | Should -Be NotSignable
    }
}
